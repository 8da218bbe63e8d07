import type { Diagnostic } from '../model/diagnostic.ts';
import type { MayVerdict, Standing } from '../model/standing.ts';
import { shownDiagnostic, withoutUserinfo } from './mask.ts';

/** What was asked, as it was written. */
export interface CanQuestion {
  readonly user: string;
  readonly permission: string;
  readonly cid?: string;
}

/** The answer to `can` as everybody may see it, and exactly what its JSON format prints; minor versions only add. */
export interface CanReport extends CanQuestion {
  readonly format_version: '1.0';
  readonly tool: { readonly name: 'streambed'; readonly version: string };
  readonly command: 'can';
  readonly emulator: boolean;
  readonly app?: { readonly id?: number; readonly name: string };
  /** `error`: there is no answer, and the diagnostics say why. */
  readonly verdict: MayVerdict | 'error';
  /** True when something besides grants stops it now; the notes say what. */
  readonly stopped: boolean;
  readonly scope?: string;
  readonly because: Standing['because'];
  readonly useless: Standing['useless'];
  readonly taken: Standing['taken'];
  readonly roles: Standing['roles'];
  readonly who: readonly {
    readonly role: string;
    readonly only_own: boolean;
    readonly members: readonly string[];
  }[];
  readonly notes: Standing['notes'];
  readonly diagnostics: readonly Pick<Diagnostic, 'code' | 'help' | 'message' | 'severity'>[];
}

/** What a report of an answer is made from. */
export interface CanContext {
  readonly question: CanQuestion;
  readonly version: string;
  readonly emulator: boolean;
  readonly standing?: Standing | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The one thing that every format of an answer is made from: whole whether there is an answer or not. */
export function canReportOf({ question, version, emulator, standing, diagnostics }: CanContext): CanReport {
  const { user, permission, cid } = question;
  const report: CanReport = {
    format_version: '1.0',
    tool: { name: 'streambed', version },
    command: 'can',
    emulator,
    ...(standing === undefined ? {} : { app: appOf(standing) }),
    user,
    permission,
    ...(cid === undefined ? {} : { cid }),
    verdict: standing?.verdict ?? 'error',
    stopped: standing?.notes.some(({ stops }) => stops) ?? false,
    ...(standing === undefined ? {} : { scope: standing.scope }),
    because: standing?.because ?? [],
    useless: standing?.useless ?? [],
    taken: standing?.taken ?? [],
    roles: standing?.roles ?? [],
    who: (standing?.who ?? []).map(({ role, onlyOwn, members }) => ({ role, only_own: onlyOwn, members })),
    notes: standing?.notes ?? [],
    diagnostics: diagnostics.map((diagnostic) => {
      const { severity, code, message, help } = shownDiagnostic(diagnostic);
      return { severity, code, message, ...(help === undefined ? {} : { help }) };
    }),
  };
  return masked(report) as CanReport;
}

function appOf({ app }: Standing): NonNullable<CanReport['app']> {
  return { ...(app.id === undefined ? {} : { id: app.id }), name: app.name };
}

/** Names may be URLs with a password in them. */
function masked(value: unknown): unknown {
  if (typeof value === 'string') return withoutUserinfo(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, masked(below)]));
}

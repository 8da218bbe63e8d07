import type { Address, Path } from '../model/address.ts';
import type { Danger } from '../model/danger.ts';
import type { World } from '../model/kind.ts';

/** A URL that receives data of users, before and after a change; absent or empty when there is none. */
export interface HandlerChange {
  readonly address: Address;
  readonly path: Path;
  /** What the URL is called in a sentence: `moderation_webhook_url`. */
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What it means that a URL begins to receive data, stops, or is another one. Names hosts, never paths or queries. */
export function handlerDangers(change: HandlerChange, world: World): readonly Danger[] {
  const { address, path, name } = change;
  const [before, after] = [change.before || undefined, change.after || undefined];
  if (before === after) return [];
  const [from, to] = [hostOf(before), hostOf(after)];
  if (after === undefined) {
    return [{ code: 'handler-removed', address, path, message: `${name} no longer goes to ${from}` }];
  }
  const elsewhere = elsewhereDangers(change, world);
  if (before === undefined) {
    return [
      { code: 'handler-set', address, path, message: `${name} goes to ${to} from now on` },
      ...elsewhere,
    ];
  }
  const message =
    from === to ? `${name} goes to another address on ${to}` : `${name} goes to ${to} instead of ${from}`;
  return [{ code: 'handler-moved', address, path, message }, ...elsewhere];
}

/** The danger of a URL that is not the app's own: a tunnel, a local one, or one of another environment. */
export function elsewhereDangers(
  { address, path, name, after }: Omit<HandlerChange, 'before'>,
  { environment }: World,
): readonly Danger[] {
  const host = parsedHost(after);
  if (host === undefined) return [];
  const what = whatIsWrong(host, environment);
  if (what === undefined) return [];
  return [{ code: 'handler-elsewhere', address, path, message: `${name} goes to ${host}, ${what}` }];
}

function whatIsWrong(host: string, environment: World['environment']): string | undefined {
  if (isLocal(host)) return 'which only your own network knows';
  if (tunnels.some((tunnel) => isWithin(host, tunnel))) return 'which is a tunnel';
  if (environment === undefined) return undefined;
  if (environment.foreignHosts.some((foreign) => isWithin(host, plainHost(foreign))))
    return 'which belongs to another environment';
  const word = environment.production ? wordOfTrying(host) : undefined;
  return word === undefined ? undefined : `which says ${word}, and ${environment.name} is production`;
}

/** Services that give a machine behind a firewall a public name, and the names that they give. */
const tunnels: readonly string[] = [
  'app.github.dev',
  'bore.digital',
  'bore.pub',
  'devtunnels.ms',
  'expose.dev',
  'github.dev',
  'gitpod.dev',
  'gitpod.io',
  'lhr.life',
  'lhr.rocks',
  'loca.lt',
  'localhost.run',
  'localtunnel.me',
  'localxpose.io',
  'loclx.io',
  'ngrok-free.app',
  'ngrok-free.dev',
  'ngrok.app',
  'ngrok.dev',
  'ngrok.io',
  'ngrok.pizza',
  'ngrok.pro',
  'pagekite.me',
  'pinggy.io',
  'pinggy.link',
  'serveo.net',
  'serveousercontent.com',
  'sharedwithexpose.com',
  'smee.io',
  'telebit.cloud',
  'trycloudflare.com',
  'tunnelmole.net',
  'zrok.io',
];

/** Words that teams put into the names of hosts that are not production's. */
const trying: ReadonlySet<string> = new Set([
  'dev',
  'development',
  'preview',
  'qa',
  'sandbox',
  'stage',
  'staging',
  'stg',
  'test',
  'testing',
  'uat',
]);

/** `staging` of `api-staging2.market.example`; a top-level domain says nothing, and `dev` and `qa` are two. */
function wordOfTrying(host: string): string | undefined {
  const words = host
    .split('.')
    .slice(0, -1)
    .flatMap((label) => label.split(/[-_]/));
  return words.map((word) => word.replace(/\d+$/, '')).find((word) => trying.has(word));
}

/** Names and addresses that mean nothing, or another machine, outside one's own network. */
function isLocal(host: string): boolean {
  if (host.startsWith('[')) return isLocalAddress6(host.slice(1, -1));
  const four = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host);
  if (four !== null) return isLocalAddress4(Number(four[1]), Number(four[2]));
  return !host.includes('.') || ['internal', 'local', 'localhost'].some((name) => isWithin(host, name));
}

function isLocalAddress4(one: number, two: number): boolean {
  return (
    [0, 10, 127].includes(one) ||
    (one === 100 && two >= 64 && two < 128) ||
    (one === 169 && two === 254) ||
    (one === 172 && two >= 16 && two < 32) ||
    (one === 192 && two === 168)
  );
}

/** URLs spell addresses in one way: lower case, and an IPv4 address inside as two groups of hexadecimal digits. */
function isLocalAddress6(host: string): boolean {
  const mapped = /^::ffff:([0-9a-f]{1,4}):[0-9a-f]{1,4}$/.exec(host);
  if (mapped !== null) {
    const [one, two] = [
      Number.parseInt(mapped[1] ?? '', 16) >> 8,
      Number.parseInt(mapped[1] ?? '', 16) & 255,
    ];
    return isLocalAddress4(one, two);
  }
  return host === '::' || host === '::1' || /^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/.test(host);
}

function isWithin(host: string, domain: string): boolean {
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

/** A host as URLs spell it, from a name that somebody wrote by hand. */
function plainHost(written: string): string {
  return parsedHost(`https://${written.replace(/^\*?\./, '')}`) ?? '';
}

function hostOf(url: string | undefined): string {
  return parsedHost(url) ?? 'a URL that cannot be read';
}

/** The host alone: what else is in a URL may be secret. `{type}` is Stream's place for the name of a command. */
function parsedHost(url: string | undefined): string | undefined {
  const readable = (url ?? '').replaceAll('{type}', 'type');
  if (!URL.canParse(readable)) return undefined;
  return new URL(readable).hostname.replace(/\.$/, '') || undefined;
}

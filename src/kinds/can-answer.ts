import { addressOf } from '../model/address.ts';
import type { Decision, Standing, StandingNote } from '../model/standing.ts';
import { decide, type Circumstances } from './access.ts';
import {
  actionOf,
  appCircumstances,
  appRole,
  channelCircumstances,
  channelRole,
  isMine,
  rolesOf,
  type Facts,
  type Place,
} from './can-circumstances.ts';
import { notesOn } from './can-notes.ts';
import { memberId } from './channel-data/form.ts';
import { textAt, type Tree } from './values.ts';

/** The answer in the app's grants; `place` is the channel that was named although it does not matter. */
export function answerInApp(facts: Facts, place?: Place): Standing {
  const inApp = appCircumstances(facts);
  const { app, user } = facts;
  const notes = notesOn({ app, user, action: actionOf(facts), may: (other) => decide(other, inApp).verdict });
  const anywhere = note('app-wide', 'it is a permission of the whole app, whatever the channel');
  return {
    ...common(facts, inApp, []),
    ...(place === undefined ? {} : { cid: place.cid }),
    scope: addressOf('app_settings', 'app'),
    roles: [{ role: appRole(user), of: 'app' }],
    notes: [...(place === undefined ? [] : [anywhere]), ...conditionNotes(facts, inApp), ...notes],
  };
}

/** The answer in a channel: the grants of its type with its own overrides, and whatever else decides there. */
export function answerInChannel(facts: Facts, place: Place): Standing {
  const { app, user } = facts;
  const { channel, member, members = [], type } = place;
  const here = channelCircumstances(facts, place);
  const inApp = appCircumstances(facts);
  const may = (other: string, where: 'app' | 'channel'): Decision['verdict'] =>
    decide(other, where === 'app' ? inApp : { ...here, owns: isMine(facts, place) }).verdict;
  const about = { app, user, action: actionOf(facts), member, type, may };
  return {
    ...common(facts, here, members),
    cid: place.cid,
    scope: addressOf('channel_type', place.typeName),
    roles: rolesOf(facts, place),
    notes: [
      ...(channel === undefined
        ? [note('no-channel', 'there is no such channel yet: judged as one that they make')]
        : []),
      ...conditionNotes(facts, here),
      ...notesOn(channel === undefined ? about : { ...about, channel }),
    ],
  };
}

function common(
  { app, id, permission }: Facts,
  circumstances: Circumstances,
  members: readonly Tree[],
): Omit<Standing, 'notes' | 'roles' | 'scope'> {
  const number = app['id'];
  const decision = decide(permission, circumstances);
  const byPolicies = app['permission_version'] === 'v1' && circumstances.checksOff !== true;
  return {
    app: { id: typeof number === 'number' ? number : undefined, name: textAt(app, 'name') ?? '' },
    user: id,
    permission,
    ...decision,
    ...(byPolicies ? { verdict: 'unknown', because: [] } : {}),
    who: byPolicies ? [] : whoMay(permission, circumstances, members),
  };
}

function note(code: string, message: string): StandingNote {
  return { code, message, stops: false };
}

function conditionNotes(
  { customs, permission }: Facts,
  circumstances: Circumstances,
): readonly StandingNote[] {
  const { verdict, because } = decide(permission, circumstances);
  if (verdict !== 'unknown') return [];
  const conditional = because.flatMap((grant) =>
    customs.get(grant.permission)?.conditional === true ? grant.permission : [],
  );
  return [...new Set(conditional)].map((one) =>
    note('condition', `${one} has a condition, which only Stream can judge`),
  );
}

/** Every role that may do it to things that are not its own, or to its own only. */
function whoMay(permission: string, circumstances: Circumstances, members: readonly Tree[]): Standing['who'] {
  const { modifiers = {}, owns, rights } = circumstances;
  if (circumstances.checksOff === true) return [];
  const names = [...new Set([...Object.keys(rights), ...Object.keys(modifiers)])].toSorted();
  return names.flatMap((role) => {
    const { verdict } = decide(permission, {
      ...circumstances,
      roles: [role],
      owns: owns === undefined ? undefined : false,
      sameTeam: true,
    });
    if (verdict !== 'yes' && verdict !== 'only-own') return [];
    const holders = members
      .filter((member) => channelRole(member) === role)
      .flatMap((member) => memberId(member) ?? []);
    return [{ role, onlyOwn: verdict === 'only-own', members: holders }];
  });
}

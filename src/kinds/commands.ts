import { addressOf, type Path } from '../model/address.ts';
import type { Reference, World } from '../model/kind.ts';
import type { SetChange } from '../model/schema.ts';
import { changedSet, isSetChange, setForm, type SetForm } from './sets.ts';
import { textAt, treeAt } from './values.ts';

/** What manifests declare: every command, exactly these, or a change to what is there. */
export type DeclaredCommands = 'all' | readonly string[] | SetChange;

/** Reads tell commands as objects, writes as names. */
export function commandsForm(raw: unknown): SetForm {
  if (!Array.isArray(raw)) return setForm([]);
  return setForm(
    raw.map((command: unknown) => (typeof command === 'string' ? command : treeAt(command)['name'])),
  );
}

/** What a declaration makes of the live commands: Stream stores commands, so sets and `all` are opened here. */
export function desiredCommands(
  declared: DeclaredCommands,
  live: SetForm | undefined,
  world: World,
): SetForm {
  const opened = (names: readonly string[] = []) => names.flatMap((name) => commandsNamed(name, live, world));
  if (declared === 'all') return setForm(opened(['all']));
  if (!isSetChange(declared)) return setForm(opened(declared));
  return changedSet({ add: opened(declared.add), remove: opened(declared.remove) }, live);
}

/** The commands to look up: a name that live holds is a command, and any other may be a set. */
export function commandReferences(
  declared: DeclaredCommands,
  live: SetForm | undefined,
  path: Path = ['commands'],
): readonly Reference[] {
  const named =
    declared === 'all'
      ? ['all']
      : isSetChange(declared)
        ? [...(declared.add ?? []), ...(declared.remove ?? [])]
        : declared;
  return named
    .filter((name) => live?.[name] !== true)
    .map((name) => ({ address: addressOf('command', name), path: [...path, name] }));
}

function commandsNamed(name: string, live: SetForm | undefined, world: World): readonly string[] {
  const answer = world.answer('ListCommands')?.['commands'];
  const commands = Array.isArray(answer) ? answer.map(treeAt) : [];
  if (live?.[name] === true || commands.some((command) => command['name'] === name)) return [name];
  const members = name === 'all' ? commands : commands.filter((command) => command['set'] === name);
  return members.length === 0 ? [name] : members.flatMap((command) => textAt(command, 'name') ?? []);
}

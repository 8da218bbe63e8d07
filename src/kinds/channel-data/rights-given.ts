import type { Rights } from '../../model/danger.ts';
import { setForm } from '../sets.ts';
import { defined, treeAt } from '../values.ts';
import type { ChannelForm } from './form.ts';
import { takes } from './overrides.ts';

/** What the overrides of a channel give its roles; `!id` takes away, and is left out. */
export function rightsGiven({ config_overrides }: ChannelForm): Rights {
  const given = Object.entries(treeAt(treeAt(config_overrides)['grants'])).flatMap(([role, modifiers]) => {
    const ids = Object.keys(treeAt(modifiers)).filter((id) => !takes(id));
    return ids.length === 0 ? [] : [[role, setForm(ids)] as const];
  });
  return defined(given) as Rights;
}

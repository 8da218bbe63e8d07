import { randomUUID } from 'node:crypto';
import { defaultSettings } from './app-fields.ts';
import { builtInCommands } from './default-commands.ts';
import { defaultAppGrants } from './default-grants.ts';
import { builtInRoles } from './default-roles.ts';
import { builtInTypes, defaultType } from './default-types.ts';
import { Live } from './live.ts';
import { type Clock, Replicated } from './replicated.ts';
import type { State } from './state.ts';

/** A fresh app with Stream's defaults and nothing of the user's. */
export function createState(clock: Clock, app: { readonly id?: number; readonly name?: string } = {}): State {
  const time = clock.now() * 1000;
  const state: State = {
    app: {
      id: app.id ?? 100_000 + (Number.parseInt(randomUUID().slice(0, 8), 16) % 900_000),
      name: app.name ?? 'emulator',
      settings: { ...defaultSettings },
      grants: defaultAppGrants,
    },
    channelTypes: new Replicated(clock),
    roles: new Replicated(clock),
    commands: new Replicated(clock),
    permissions: new Map(),
    blocklists: new Map(),
    users: new Map(),
    channels: new Map(),
    messages: new Map(),
    devices: new Map(),
    tasks: new Map(),
    live: new Live(),
    index: { byType: new Map(), byId: new Map(), byMember: new Map(), usersByName: new Map() },
    clock,
  };
  for (const name of builtInTypes) state.channelTypes.seed(name, defaultType(name, time));
  for (const name of builtInRoles) {
    state.roles.seed(name, { name, custom: false, created_at: time, updated_at: time });
  }
  for (const command of builtInCommands) state.commands.seed(command.name, command);
  return state;
}

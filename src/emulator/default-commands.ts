import type { Command } from './state.ts';

/** The commands every app has, in the order the real service expands them. */
export const builtInCommands: readonly Command[] = [
  { name: 'giphy', description: 'Post a random gif to the channel', args: '[text]', set: 'fun_set' },
  { name: 'ban', description: 'Ban a user', args: '[@username] [text]', set: 'moderation_set' },
  { name: 'unban', description: 'Unban a user', args: '[@username]', set: 'moderation_set' },
  { name: 'mute', description: 'Mute a user', args: '[@username]', set: 'moderation_set' },
  { name: 'unmute', description: 'Unmute a user', args: '[@username]', set: 'moderation_set' },
  // Without a set: whether `moderation_set` still contains it has changed over the years.
  { name: 'flag', description: 'Flag a user', args: '[@username]', set: '' },
];

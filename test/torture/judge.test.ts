import { expect, it } from 'vitest';
import { judged, referenceOf } from './judge.ts';

const room = (more: object = {}) => ({
  cid: 'team:room',
  type: 'team',
  frozen: true,
  disabled: false,
  config_overrides: {},
  members: {},
  created_at: 1,
  ...more,
});

/** A snapshot with these channels, beside a user that nobody declares. */
const snapshot = (channels: object, eva: object = {}) => ({
  app: { settings: {}, grants: {} },
  channelTypes: {},
  users: { eva: { id: 'eva', role: 'user', teams: [], updated_at: 1, ...eva } },
  channels,
  tasks: {},
});

const before = snapshot({ 'team:old': room({ cid: 'team:old' }) });
const after = snapshot({ 'team:room': room() });
const reference = referenceOf([before, snapshot({}), after]);
const nothing = { different: [], exposed: [], lost: [], twice: [] };

it('finds nothing wrong with a run that only took another time', () => {
  const later = snapshot({ 'team:room': room({ created_at: 2 }) });
  expect(judged([before, later], reference)).toEqual(nothing);
});

it('finds what is not as it should be at the end', () => {
  const { different } = judged([before, snapshot({ 'team:room': room({ disabled: true }) })], reference);
  expect(different).toEqual([
    '+ channels › team:room › disabled: true',
    '- channels › team:room › disabled: false',
  ]);
});

it('finds a touch that left nothing but a time', () => {
  const touched = snapshot({ 'team:room': room() }, { updated_at: 2 });
  expect(judged([before, touched], reference).different).toEqual(['users/eva was touched']);
});

it('finds a moment that was wider open, although it passed', () => {
  const thawed = snapshot({ 'team:room': room({ frozen: false }) });
  expect(judged([before, thawed, after], reference)).toEqual({
    ...nothing,
    exposed: [expect.stringContaining('channel team:room: {"users":{"only":["write","open"]}}')],
  });
});

it('finds what was gone for a moment, and came to be once more', () => {
  const { users: _, ...rest } = after;
  expect(judged([before, { ...rest, users: {} }, after], reference)).toEqual({
    ...nothing,
    lost: ['users/eva'],
    twice: ['users/eva'],
  });
});

it('finds what was made again, although it was wanted once', () => {
  const { twice } = judged([before, after, snapshot({}), after], reference);
  expect(twice).toEqual(['channels/team:room']);
});

it('refuses an undisturbed run that was itself exposed', () => {
  const thawed = snapshot({ 'team:room': room({ frozen: false }) });
  expect(() => referenceOf([before, thawed, after])).toThrow('exposed although nothing went wrong');
});

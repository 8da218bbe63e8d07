import { describe, expect, it } from 'vitest';
import { liveGrants } from '../../src/kinds/grants.ts';
import { grantsDangers } from '../../src/kinds/grants-dangers.ts';
import { grantsRemarks } from '../../src/kinds/grants-remarks.ts';

type Lists = Readonly<Record<string, readonly string[]>>;

function changeOf(before: Lists, after: Lists) {
  return {
    address: 'channel_type/support',
    where: 'in channels of type support',
    before: liveGrants(before),
    after: liveGrants(after),
  } as const;
}

function dangersOf(before: Lists, after: Lists): readonly string[] {
  return grantsDangers(changeOf(before, after)).map(
    ({ code, path, message }) => `${code} ${path.join('.')}: ${message}`,
  );
}

function codesOf(before: Lists, after: Lists): readonly string[] {
  return grantsDangers(changeOf(before, after)).map(({ code }) => code);
}

function remarksOf(before: Lists, after: Lists): readonly string[] {
  return grantsRemarks(changeOf(before, after)).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('rights', () => {
  it('are gained and lost a danger a role, with every permission', () => {
    expect(
      dangersOf(
        { user: ['create-channel', 'add-links', 'read-channel'], rider: ['read-channel'] },
        { user: ['read-channel', 'pin-message'], rider: ['read-channel', 'mute-channel', 'send-poll'] },
      ),
    ).toEqual([
      'rights-gained grants.rider: rider can now mute-channel, send-poll in channels of type support',
      'rights-gained grants.user: user can now pin-message in channels of type support',
      'rights-lost grants.user: user can no longer add-links, create-channel in channels of type support',
    ]);
  });

  it('of admins and moderators are their own affair, until nothing is left', () => {
    for (const role of ['admin', 'global_admin', 'moderator', 'global_moderator', 'channel_moderator']) {
      expect(
        codesOf({ [role]: ['ban-user', 'pin-message'] }, { [role]: ['pin-message', 'mute-channel'] }),
      ).toEqual([]);
      expect(codesOf({ [role]: ['ban-user'] }, {})).toEqual(['role-emptied']);
    }
  });

  it('that are the last ones of a role are told as that, with their number', () => {
    expect(dangersOf({ user: ['read-channel', 'create-message'] }, {})).toEqual([
      'role-emptied grants.user: user loses the last of its rights in channels of type support: 2 permissions',
    ]);
    expect(codesOf({ user: ['read-channel'] }, { user: ['create-message'] })).toEqual([
      'rights-gained',
      'rights-lost',
    ]);
    expect(codesOf({}, { user: ['read-channel'] })).toEqual(['rights-gained']);
  });

  it('of people who have not logged in are a danger of their own when they are gained', () => {
    expect(dangersOf({}, { guest: ['read-channel'], anonymous: ['create-message'] })).toEqual([
      'open-without-login grants.anonymous: anonymous gains create-message in channels of type support: open without login',
      'open-without-login grants.guest: guest gains read-channel in channels of type support: readable without login',
    ]);
    expect(codesOf({ guest: ['read-channel', 'flag-message'] }, { guest: ['flag-message'] })).toEqual([
      'rights-lost',
    ]);
  });

  it('across teams are told besides, also of moderators, not of global roles', () => {
    expect(codesOf({}, { user: ['ban-user-any-team'] })).toEqual(['rights-gained', 'rights-across-teams']);
    expect(codesOf({}, { guest: ['flag-message-owner-any-team'] })).toEqual([
      'open-without-login',
      'rights-across-teams',
    ]);
    expect(codesOf({}, { moderator: ['ban-user-any-team'] })).toEqual(['rights-across-teams']);
    expect(codesOf({}, { global_moderator: ['ban-user-any-team'] })).toEqual([]);
  });

  it('that a wider one covers are neither gained nor lost', () => {
    expect(dangersOf({ user: ['search-user'] }, { user: ['search-user-any-team'] })).toEqual([
      'rights-gained grants.user: user can now search-user-any-team in channels of type support',
      'rights-across-teams grants.user: user gains search-user-any-team in channels of type support: that reaches into other teams',
    ]);
    expect(dangersOf({ user: ['search-user-any-team'] }, { user: ['search-user'] })).toEqual([
      'rights-lost grants.user: user can no longer search-user-any-team in channels of type support',
    ]);
    expect(codesOf({ guest: ['pin-message'] }, { guest: ['pin-message', 'pin-message-owner'] })).toEqual([]);
    expect(
      dangersOf(
        { user: ['delete-message-owner', 'read-channel'] },
        { user: ['delete-message', 'pin-message'] },
      ),
    ).toEqual([
      'rights-gained grants.user: user can now delete-message, pin-message in channels of type support',
      'rights-lost grants.user: user can no longer read-channel in channels of type support',
    ]);
    expect(
      codesOf(
        { user: ['ban-user-any-team'] },
        { user: ['ban-user-any-team', 'ban-user', 'ban-user-owner-any-team'] },
      ),
    ).toEqual([]);
  });

  it('survive roles with the names of JavaScript', () => {
    const tricky = JSON.parse('{"__proto__": ["read-channel"], "constructor": ["read-channel"]}') as Lists;
    expect(codesOf({}, tricky)).toEqual(['rights-gained', 'rights-gained']);
    expect(codesOf({}, {})).toEqual([]);
  });
});

describe('everybody as an admin', () => {
  const admin = ['create-message', 'delete-message', 'read-channel'];

  it('is a role of everybody with all that admins hold, or more', () => {
    expect(
      dangersOf({ admin, user: ['read-channel'] }, { admin, user: [...admin, 'pin-message'] }),
    ).toContain(
      'everyone-admin grants.user: user may do everything that admin may in channels of type support: 3 permissions',
    );
    expect(codesOf({ admin }, { admin, user: ['create-message', 'delete-message'] })).not.toContain(
      'everyone-admin',
    );
    expect(codesOf({ admin }, { admin, rider: admin })).not.toContain('everyone-admin');
  });

  it('counts a wider permission for a narrower one, and not the other way round', () => {
    const own = ['delete-message-owner'];
    expect(codesOf({ admin: own }, { admin: own, user: ['delete-message'] })).toContain('everyone-admin');
    expect(codesOf({ admin: ['delete-message'] }, { admin: ['delete-message'], user: own })).not.toContain(
      'everyone-admin',
    );
  });

  it('is also made by taking from admins, and points at them', () => {
    expect(
      dangersOf({ admin, user: ['read-channel'] }, { admin: ['read-channel'], user: ['read-channel'] }),
    ).toEqual([
      'everyone-admin grants.admin: user may do everything that admin may in channels of type support: 1 permission',
    ]);
  });

  it('is no news where it was so, and nothing where admins hold nothing', () => {
    expect(codesOf({ admin, user: admin }, { admin, user: [...admin, 'pin-message'] })).toEqual([
      'rights-gained',
    ]);
    expect(codesOf({}, { user: admin })).toEqual(['rights-gained']);
  });
});

describe('what a role loses and somebody still may', () => {
  it('is told of a narrower permission, all of a role in one', () => {
    expect(
      remarksOf(
        { user: ['delete-message', 'delete-message-owner', 'pin-message', 'pin-message-owner', 'ban-user'] },
        { user: ['delete-message-owner', 'pin-message-owner'] },
      ),
    ).toEqual([
      'grants.user: user can still delete-message of their own through delete-message-owner, pin-message of their own through pin-message-owner in channels of type support',
    ]);
  });

  it('is told of the widest permission that is left', () => {
    expect(
      remarksOf(
        { user: ['read-channel-any-team', 'read-channel', 'read-channel-owner'] },
        { user: ['read-channel', 'read-channel-owner'] },
      ),
    ).toEqual(['grants.user: user can still read-channel through read-channel in channels of type support']);
  });

  it('is told of members, and of members about users', () => {
    expect(
      remarksOf(
        { user: ['create-message-owner'], channel_member: ['create-message', 'read-channel'] },
        { channel_member: ['create-message', 'read-channel'] },
      ),
    ).toEqual([
      'grants.user: members can still create-message through channel_member in channels of type support',
    ]);
    expect(
      remarksOf(
        { user: ['create-message-owner'], channel_member: ['create-message'] },
        { user: ['create-message-owner'] },
      ),
    ).toEqual([
      'grants.channel_member: users can still create-message of their own through user in channels of type support',
    ]);
  });

  it('is not told of anonymous visitors, who are no members, and not of permissions that only look alike', () => {
    const member = ['read-channel'];
    expect(
      remarksOf({ anonymous: ['read-channel'], channel_member: member }, { channel_member: member }),
    ).toEqual([]);
    expect(
      remarksOf({ user: ['read-channel', 'read-channel-members'] }, { user: ['read-channel-members'] }),
    ).toEqual([]);
  });

  it('is nothing when nothing is lost', () => {
    expect(remarksOf({ user: ['pin-message'] }, { user: ['pin-message', 'pin-message-owner'] })).toEqual([]);
  });
});

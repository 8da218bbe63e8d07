// @ts-check
// The manifests of the benchmark, as text: types with the grants that Stream gives a type, and channels of ten members.

const roles = ['admin', 'moderator', 'channel_moderator', 'user', 'channel_member', 'global_read_only'];

/**
 * `count` channel types that hold every permission the live `messaging` type grants, 176 each.
 * @param {number} count
 * @param {Readonly<Record<string, readonly string[]>>} grants
 */
export function typesYaml(count, grants) {
  const lines = ['channel_types:'];
  for (let index = 0; index < count; index++) {
    lines.push(
      `  type-${number(index, 2)}:`,
      '    max_message_length: 5000',
      '    reactions: true',
      '    replies: true',
      `    uploads: ${index % 2 === 0}`,
      '    typing_events: true',
      '    commands: [giphy]',
      '    grants:',
    );
    for (const role of roles) {
      lines.push(`      ${role}:`);
      for (const permission of grants[role] ?? []) lines.push(`        - ${permission}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/**
 * `count` channels of ten members each, and the users who are in them.
 * @param {number} count
 * @param {number} users
 */
export function channelsYaml(count, users) {
  const lines = ['users:'];
  for (let index = 0; index < users; index++) lines.push(`  ${user(index)}:`, `    name: Member ${index}`);
  lines.push('channels:', '  messaging:');
  for (let index = 0; index < count; index++) {
    const members = Array.from({ length: 10 }, (_, place) => user((index * 7 + place) % users));
    lines.push(
      `    room-${number(index, 6)}:`,
      `      name: Room ${index}`,
      `      created_by: ${members[0]}`,
      `      custom: { order: "${index}", region: eu1 }`,
      '      members:',
      ...members.map((id) => `        - ${id}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** @param {number} index */
function user(index) {
  return `user-${number(index, 5)}`;
}

/** @param {number} value @param {number} digits */
function number(value, digits) {
  return String(value).padStart(digits, '0');
}

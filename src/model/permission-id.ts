/** What the id of a permission says: the action, and how far it reaches. */
export interface PermissionId {
  /** In kebab case: `delete-message`. */
  readonly action: string;
  /** Only for what is one's own. */
  readonly owner: boolean;
  /** In other teams too. */
  readonly anyTeam: boolean;
}

const teams = '-any-team';
const own = '-owner';

/** Reads an id by its endings; an id of an app's own is an action of that name. */
export function permissionParts(id: string): PermissionId {
  const anyTeam = id.endsWith(teams);
  const rest = anyTeam ? id.slice(0, -teams.length) : id;
  const owner = rest.endsWith(own);
  return { action: owner ? rest.slice(0, -own.length) : rest, owner, anyTeam };
}

/** True when whoever holds one permission may do all that the other one allows: `delete-message` covers `delete-message-owner`. */
export function covers(held: string, wanted: string): boolean {
  const [one, other] = [permissionParts(held), permissionParts(wanted)];
  return one.action === other.action && (other.owner || !one.owner) && (one.anyTeam || !other.anyTeam);
}

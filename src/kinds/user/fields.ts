import { changeableSet, clearable, guards, map, object, text, word, type Infer } from '../../model/schema.ts';
import { customField } from '../custom.ts';

/** The fields of a user that are Stream's own; on the wire, custom data lies among them. */
export const ownFields: ReadonlySet<string> = new Set(
  `avg_response_time ban_expires banned blocked_user_ids bypass_moderation channel_mutes created_at deactivated_at
  deleted_at devices duration id image invisible language last_active last_engaged_at latest_hidden_channels mutes name
  online privacy_settings push_notifications push_preferences revoke_tokens_issued_before role shadow_banned teams
  teams_role total_unread_count unread_channels unread_count unread_threads updated_at`.split(/\s+/),
);

/** What a manifest may declare of a user. */
export const userSchema = object(
  {
    role: guards(
      text('A role of the app: `user`, `admin`, a custom one …', { maxLength: 64, default: 'user' }),
    ),
    name: clearable(text('The name that others see.')),
    image: clearable(text('The URL of a picture.')),
    teams: guards(
      changeableSet(text('A team.', { maxLength: 100 }), 'The teams that the user belongs to; at most 250.', {
        maxItems: 250,
      }),
    ),
    teams_role: guards(
      map(
        text('A role.', { maxLength: 64 }),
        'The role in each team; a team that is not named keeps its role.',
      ),
    ),
    status: guards(
      word(
        ['active', 'deactivated'],
        'Deactivated users cannot connect. Managed only when written: reactivating and restoring happen only then.',
      ),
    ),
    custom: customField(ownFields),
  },
  'A user.',
);

/** What a manifest declares of a user. */
export type User = Infer<typeof userSchema>;

import type { Path } from '../../model/address.ts';
import type { FieldChange, Update } from '../../model/change.ts';
import type { Danger } from '../../model/danger.ts';
import { treeAt, type Tree } from '../values.ts';
import { uploadConfigs, type AppSettings } from './fields.ts';
import type { AppSettingsForm } from './form.ts';

type AppUpdate = Update<AppSettings, AppSettingsForm>;

/** What an upload config is about: each has a list of what is allowed and one of what is blocked. */
const aspects = ['file_extensions', 'mime_types'] as const;
type Aspect = (typeof aspects)[number];

/** The images that Stream knows at all: what a config that allows everything takes as an image. */
const images: Readonly<Record<Aspect, readonly string[]>> = {
  file_extensions: ['.bmp', '.gif', '.heic', '.heif', '.jpeg', '.jpg', '.png', '.svg', '.webp'],
  mime_types: [
    'image/bmp',
    'image/gif',
    'image/heic',
    'image/heic-sequence',
    'image/heif',
    'image/heif-sequence',
    'image/jpeg',
    'image/png',
    'image/svg+xml',
    'image/webp',
  ],
};

/** What a change of the upload configs lets through that was stopped, and what it stops on one way in only. */
export function uploadDangers(change: AppUpdate): readonly Danger[] {
  return [...uploadConfigs.flatMap((config) => widened(change, config)), ...halfNarrowed(change)];
}

/** True when a difference inside an upload config lets more through. */
export function widensUploads(field: FieldChange): boolean {
  const [, list = ''] = field.path;
  if (list === 'size_limit') return field.op === 'set' && limit(field.after) > limit(field.before);
  if (!list.startsWith('allowed_')) return field.op === 'elements' && field.removed.length > 0;
  if (field.op === 'elements') return field.added.length > 0;
  return field.op === 'set' && field.after === 'all';
}

function widened(change: AppUpdate, config: (typeof uploadConfigs)[number]): readonly Danger[] {
  const [before, after] = [treeAt(change.live[config]), treeAt(change.desired[config])];
  const danger = (path: Path, more: string): Danger => ({
    code: 'uploads-widened',
    address: change.address,
    path,
    message: `${config} lets through ${more}`,
  });
  const dangers = aspects.flatMap((aspect) => {
    const names = named(aspect, before, after).filter(
      (name) => takes(after, aspect, name) && !takes(before, aspect, name),
    );
    const rest = takesTheRest(after, aspect) && !takesTheRest(before, aspect);
    const what = aspect === 'file_extensions' ? 'extensions' : 'MIME types';
    const more = [...names, ...(rest ? [`all ${what} that are not blocked`] : [])];
    return more.length === 0 ? [] : [danger(changedPath(change, config, aspect), more.join(', '))];
  });
  const [was, is] = [limit(before['size_limit']), limit(after['size_limit'])];
  if (is <= was) return dangers;
  const files = `files of up to ${is === Infinity ? "Stream's own limit" : `${is} bytes`}`;
  return [...dangers, danger([config, 'size_limit'], `${files}, instead of ${was} bytes`)];
}

/** The client chooses by which of two ways it uploads, so an image that one refuses comes in by the other. */
function halfNarrowed(change: AppUpdate): readonly Danger[] {
  const [one, other] = ['image_upload_config', 'file_upload_config'] as const;
  const [before, after, files] = [change.live[one], change.desired[one], change.desired[other]].map(treeAt);
  const left = (aspect: Aspect, implied: readonly string[]): readonly string[] => {
    const rest = takesTheRest(before, aspect) ? implied : [];
    return [...new Set([...named(aspect, before, after), ...rest])]
      .toSorted()
      .filter(
        (name) => takes(before, aspect, name) && !takes(after, aspect, name) && takes(files, aspect, name),
      );
  };
  const extensions = left('file_extensions', images.file_extensions);
  // Every image has an extension and a type: named once is enough when nobody wrote the names.
  const types = left('mime_types', extensions.length === 0 ? images.mime_types : []);
  const names = [...extensions, ...types];
  if (names.length === 0) return [];
  const path = changedPath(change, one, extensions.length === 0 ? 'mime_types' : 'file_extensions');
  const message = `${one} no longer takes ${names.join(', ')}, and ${other} still does`;
  return [{ code: 'uploads-half-narrowed', address: change.address, path, message }];
}

function named(aspect: Aspect, ...configs: readonly (Tree | undefined)[]): readonly string[] {
  const lists = configs.flatMap((config) => [config?.[`allowed_${aspect}`], config?.[`blocked_${aspect}`]]);
  return [...new Set(lists.flatMap((list) => Object.keys(treeAt(list))))].toSorted();
}

function takes(config: Tree | undefined, aspect: Aspect, name: string): boolean {
  const blocked = Object.hasOwn(treeAt(config?.[`blocked_${aspect}`]), name);
  const allowed = takesTheRest(config, aspect) || Object.hasOwn(treeAt(config?.[`allowed_${aspect}`]), name);
  return allowed && !blocked;
}

/** True where what nobody named is let through: nothing is listed as the only thing allowed. */
function takesTheRest(config: Tree | undefined, aspect: Aspect): boolean {
  const allowed = config?.[`allowed_${aspect}`];
  return allowed === undefined || allowed === 'all';
}

/** 0 is Stream's own limit, the largest there is. */
function limit(size: unknown): number {
  return Number(size ?? 0) || Infinity;
}

function changedPath(change: AppUpdate, config: string, aspect: Aspect): Path {
  const [allowed, blocked] = [
    [config, `allowed_${aspect}`],
    [config, `blocked_${aspect}`],
  ];
  const changed = change.fields.some(({ path }) => path[0] === config && path[1] === allowed?.[1]);
  return (changed ? allowed : blocked) ?? [config];
}

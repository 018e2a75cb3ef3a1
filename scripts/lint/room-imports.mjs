// ESLint rule: a file may import only from the rooms and packages that rooms.mjs allows for its own room. Checks every form of
// import, including `import type` and re-exports, because a type couples two rooms as much as a value does. `#platform/x`
// counts as `extension/platform`.
import { dirname, relative, resolve, sep } from 'node:path';

/** @type {import('eslint').Rule.RuleModule} */
export const roomImports = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: { root: { type: 'string' }, doors: { type: 'object' }, packages: { type: 'object' } },
        required: ['root', 'doors', 'packages'],
        additionalProperties: false,
      },
    ],
    messages: {
      noRoom: '{{file}} lies in no room; see scripts/lint/rooms.mjs.',
      noDoor:
        '{{from}} may not import {{to}}. Move the import to a room that may import {{to}}: {{importers}}. ' +
        'Or move what is wanted to a room that {{from}} may import: {{allowed}}.',
      noFolder: 'There is no room {{path}}; see scripts/lint/rooms.mjs.',
      noPackage: '{{from}} may not import the package {{name}}.',
    },
  },
  create(context) {
    const { root, doors, packages } = context.options[0];
    const file = projectPath(root, context.filename);
    const from = roomOf(doors, file);
    if (from === undefined) {
      return { Program: (node) => context.report({ node, messageId: 'noRoom', data: { file } }) };
    }

    /** @param {any} source the node of the module specifier, if any */
    function check(source) {
      if (typeof source?.value !== 'string') return;
      const target = source.value.split('?')[0];
      if (target.startsWith('.')) checkRoom(source, projectPath(root, resolve(dirname(context.filename), target)));
      else if (target.startsWith('#')) checkRoom(source, `extension/${target.slice(1)}`);
      else checkPackage(source, target);
    }

    /** @param {any} node @param {string} path */
    function checkRoom(node, path) {
      const to = roomOf(doors, path);
      if (to === undefined) {
        context.report({ node, messageId: 'noFolder', data: { path } });
        return;
      }
      if (isOpen(doors, from, to)) return;
      const allowed = doors[from].join(', ') || 'none';
      const importers = Object.keys(doors).filter((room) => isOpen(doors, room, to) && room !== to);
      context.report({
        node,
        messageId: 'noDoor',
        data: { from, to, allowed, importers: importers.join(', ') || 'none' },
      });
    }

    /** @param {any} node @param {string} target */
    function checkPackage(node, target) {
      const name = packageName(target);
      const folders = Object.hasOwn(packages, name) ? packages[name] : [];
      if (folders.some((/** @type {string} */ folder) => isInside(folder, from))) return;
      context.report({ node, messageId: 'noPackage', data: { from, name } });
    }

    return {
      ImportDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      // `type X = import('./x').X`
      TSImportType: (/** @type {any} */ node) => check(node.source ?? node.argument?.literal),
      // `import x = require('x')`
      TSExternalModuleReference: (/** @type {any} */ node) => check(node.expression),
    };
  },
};

/** @param {string} root @param {string} path @returns {string} with forward slashes, like the rooms' names */
function projectPath(root, path) {
  return relative(root, path).split(sep).join('/');
}

/**
 * The longest folder that the path lies in. A room with rooms within it has no further folders: what lies in one is in no room.
 * @param {Record<string, string[]>} doors @param {string} path
 */
function roomOf(doors, path) {
  const rooms = Object.keys(doors);
  const [room] = rooms.filter((each) => isInside(each, path)).sort((one, other) => other.length - one.length);
  if (room === undefined || path === room) return room;
  const hasRoomsWithin = rooms.some((each) => each.startsWith(`${room}/`));
  return hasRoomsWithin && path.slice(room.length + 1).includes('/') ? undefined : room;
}

/** @param {Record<string, string[]>} doors @param {string} from @param {string} to */
function isOpen(doors, from, to) {
  return from === to || (doors[from] ?? []).some((door) => isInside(door, to));
}

/** @param {string} folder @param {string} path */
function isInside(folder, path) {
  return path === folder || path.startsWith(`${folder}/`);
}

/** @param {string} specifier */
function packageName(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

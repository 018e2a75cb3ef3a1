// ESLint rule: named exports only, so that each thing has the same name in every file.

/** @type {import('eslint').Rule.RuleModule} */
export const namedExports = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { default: 'Export by name, not as default.' },
  },
  create(context) {
    /** @param {any} node */
    const report = (node) => context.report({ node, messageId: 'default' });
    return {
      ExportDefaultDeclaration: report,
      'ExportSpecifier[exported.name="default"]': report,
      // `export = x`
      TSExportAssignment: report,
    };
  },
};

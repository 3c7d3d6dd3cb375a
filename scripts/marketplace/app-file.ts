import * as z from 'zod/mini';

/** Words as a person counts them: what stands between spaces. */
export const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

const line = (most: number) =>
  z.string().check(
    z.refine((text) => text.length >= 1 && text.length <= most, {
      error: `must have 1 to ${most} characters`,
    }),
    z.refine((text) => !/[\r\n]/.test(text) && text === text.trim(), {
      error: 'must be one line, without spaces at its ends',
    }),
  );

export const appName = line(60);
export const appSentence = line(120);
export const appSummary = line(250);

/** Of what is handed in for the Marketplace: 100 to 125 words. */
export const appDescription = z
  .string()
  .check(
    z.refine((text) => wordsIn(text) >= 100 && wordsIn(text) <= 125, { error: 'must have 100 to 125 words' }),
  );

/** As Cloud Manager writes them: six digits, without the #. */
export const appColor = z
  .string()
  .check(
    z.regex(/^[0-9a-f]{6}$/, { error: 'is not a colour; use six lower-case hexadecimal digits, without #' }),
  );

export const appUrl = z
  .string()
  .check(z.regex(/^https:\/\/[^\s/]+(\/\S*)?$/, { error: 'is not an https URL' }));

export const appLogo = z
  .string()
  .check(z.regex(/^[a-z0-9-]+\.svg$/, { error: 'is not the file name of an SVG, such as ai-sandbox.svg' }));

export const appVersion = z
  .string()
  .check(z.regex(/^\d+\.\d+\.\d+$/, { error: 'is not a version, such as 1.2.3' }));

export const stackScriptId = z
  .number()
  .check(z.refine((id) => Number.isSafeInteger(id) && id > 0, { error: 'is not the id of a StackScript' }));

/** The categories that Cloud Manager knows. */
export const appCategories = [
  'AI',
  'AI Agent',
  'App Creators',
  'Chat',
  'Control Panels',
  'Databases',
  'Development',
  'Games',
  'LLM',
  'Media and Entertainment',
  'ML',
  'Monitoring',
  'Productivity',
  'Security',
  'Stacks',
  'Vector Databases',
  'Website',
] as const;

const guide = z.strictObject({ title: appSentence, href: appUrl });

/**
 * `stackscripts/marketplace/marketplace-app.json`: an app as Cloud Manager's record of one-click apps has it, and what
 * the Marketplace asks for besides.
 */
export const marketplaceAppFile = z.strictObject({
  $schema: z.optional(z.string()),
  /** Before the provider has published it there is none. */
  stackscript_id: z.nullable(stackScriptId),
  name: appName,
  alt_name: appSentence,
  alt_description: appSentence,
  categories: z.array(z.enum(appCategories)).check(z.minLength(1, { error: 'is empty; name a category' })),
  colors: z.strictObject({ start: appColor, end: appColor }),
  description: appDescription,
  summary: appSummary,
  related_guides: z.array(guide).check(z.minLength(1, { error: 'is empty; name a guide' })),
  website: appUrl,
  logo_url: appLogo,
  /** For dark backgrounds. */
  logo_white_url: appLogo,
  version: appVersion,
  support_url: appUrl,
  operating_system: z.literal('Ubuntu 24.04 LTS'),
  suggested_plan: appSentence,
});

export type MarketplaceAppFile = z.infer<typeof marketplaceAppFile>;

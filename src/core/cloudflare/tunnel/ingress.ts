import * as z from 'zod/mini';

/** Keys that Launch does not know, such as `originRequest`, are somebody's settings: they are passed on as they are. */
const ingressRule = z.looseObject({
  hostname: z.optional(z.nullable(z.string())),
  path: z.optional(z.nullable(z.string())),
  service: z.string(),
});

export const tunnelConfiguration = z.looseObject({
  ingress: z.optional(z.nullable(z.array(ingressRule))),
});

/** Of a tunnel that Cloudflare manages: which hostname leads where. The first rule that matches decides. */
export type TunnelConfiguration = z.infer<typeof tunnelConfiguration>;
type Rule = z.infer<typeof ingressRule>;

/** What cloudflared asks for: the last rule matches everything. */
const catchAll: Rule = { service: 'http_status:404' };

export interface Route {
  readonly hostname: string;
  readonly service: string;
}

export type RouteChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'added' }
  | { readonly kind: 'moved' }
  | { readonly kind: 'changed'; readonly from: string };

/**
 * The configuration with a rule that leads all of a hostname's requests to a service. All other rules stay as they
 * are; so do rules for single paths of the same hostname, and they go on to win.
 */
export function withRoute(
  config: TunnelConfiguration,
  { hostname, service }: Route,
): { readonly config: TunnelConfiguration; readonly change: RouteChange } {
  const rules = rulesOf(config);
  const at = rules.findIndex((rule) => isRouteOf(rule, hostname));
  const shadow = rules.findIndex((rule) => covers(rule, hostname));
  const known = rules[at];
  const isReached = known !== undefined && at < shadow;
  if (isReached && known.service === service && endsWithCatchAll(config)) {
    return { config, change: { kind: 'none' } };
  }
  const change: RouteChange =
    known === undefined
      ? { kind: 'added' }
      : known.service === service
        ? { kind: 'moved' }
        : { kind: 'changed', from: known.service };
  const rule: Rule = { ...known, hostname, service };
  if (isReached) return { config: { ...config, ingress: rules.with(at, rule) }, change };
  const others = rules.filter((it) => it !== known);
  const place = others.findIndex((it) => covers(it, hostname));
  return { config: { ...config, ingress: others.toSpliced(place, 0, rule) }, change };
}

/** The configuration without the rule for all of a hostname; rules for single paths of it are not Launch's. */
export function withoutRoute(
  config: TunnelConfiguration,
  hostname: string,
): { readonly config: TunnelConfiguration; readonly removed: boolean } {
  const rules = rulesOf(config);
  const ingress = rules.filter((rule) => !isRouteOf(rule, hostname));
  if (ingress.length === rules.length) return { config, removed: false };
  return { config: { ...config, ingress }, removed: true };
}

/** Every hostname with where it leads; a rule for a single path has the path behind its hostname. */
export function routesOf(config: TunnelConfiguration): Route[] {
  return rulesOf(config).flatMap((rule) => {
    const hostname = `${rule.hostname ?? ''}${rule.path ?? ''}`;
    return hostname === '' ? [] : [{ hostname, service: rule.service }];
  });
}

/** Whether nothing goes through the tunnel: no hostname, and what is left over gets a status only. */
export function isUnused(config: TunnelConfiguration): boolean {
  return routesOf(config).length === 0 && rulesOf(config).every((rule) => /^http_status:/.test(rule.service));
}

function rulesOf({ ingress }: TunnelConfiguration): Rule[] {
  const rules = ingress ?? [];
  const last = rules.at(-1);
  return last !== undefined && matchesAll(last) ? [...rules] : [...rules, catchAll];
}

function endsWithCatchAll({ ingress }: TunnelConfiguration): boolean {
  const last = ingress?.at(-1);
  return last !== undefined && matchesAll(last);
}

function isRouteOf(rule: Rule, hostname: string): boolean {
  return rule.hostname?.toLowerCase() === hostname && !rule.path;
}

function matchesAll(rule: Rule): boolean {
  return (!rule.hostname || rule.hostname === '*') && !rule.path;
}

/** Whether a rule for more than this hostname takes all of its requests. */
function covers(rule: Rule, hostname: string): boolean {
  if (rule.path) return false;
  if (matchesAll(rule)) return true;
  const name = rule.hostname?.toLowerCase() ?? '';
  return name.startsWith('*.') && name !== hostname && hostname.replace(/^\*/, '').endsWith(name.slice(1));
}

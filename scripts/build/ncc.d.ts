// ncc ships no types; these are the parts that the build uses.
declare module '@vercel/ncc' {
  interface Asset {
    readonly source: string | Uint8Array;
    readonly permissions?: number;
  }

  interface Stats {
    toJson(options: Readonly<Record<string, unknown>>): unknown;
  }

  interface Output {
    readonly code: string;
    readonly assets: Readonly<Record<string, Asset>>;
    readonly stats: Stats;
  }

  interface Options {
    readonly cache: false;
    readonly esm: boolean;
    readonly filename: string;
    readonly quiet: boolean;
    readonly target: string;
  }

  export default function ncc(entry: string, options: Options): Promise<Output>;
}

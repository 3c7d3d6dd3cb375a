import type { ImageProviderName } from '../../config-service/src/contract.ts';
import type { Env } from './env.ts';
import { ideogram } from './ideogram.ts';
import type { ImageProvider } from './provider.ts';
import { testProvider } from './test-provider.ts';

/** The provider of that name, set up by the worker's variables. */
export function chooseProvider(env: Env, name: ImageProviderName): ImageProvider {
  switch (name) {
    case 'test':
      return testProvider;
    case 'ideogram':
      return ideogram({
        apiKey: env.IDEOGRAM_API_KEY,
        baseUrl: (env.IDEOGRAM_API_URL ?? 'https://api.ideogram.ai').replace(/\/+$/, ''),
      });
  }
}

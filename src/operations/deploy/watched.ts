import type { EngineApi } from '../../adapters/engine/api.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Charge } from './deployment.ts';

/** The same engine; before anything of it is changed, it is asked whether that may still be. */
export function watchedEngine(api: EngineApi, charge: Charge): EngineApi {
  charge.onLay(() => api.close());
  return {
    ...api,
    async call(method, path, request) {
      // A command in a container, as health checks are, leaves nothing behind.
      if (method === 'GET' || /\/exec(\/|$)/.test(path)) await charge.goOn();
      else await charge.beforeEffect(`${method} ${path.replace(/[0-9a-f]{64}/g, '<id>')}`);
      return await api.call(method, path, request);
    },
  };
}

/** The same state; before anything of it is written, it is asked whether that may still be. */
export function watchedState(state: ServiceState, beforeEffect: Charge['beforeEffect']): ServiceState {
  const first =
    <Args extends readonly unknown[], T>(effect: string, act: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await beforeEffect(effect);
      return await act(...args);
    };
  return {
    ...state,
    makeRelease: first('make the release folder', state.makeRelease),
    writeRelease: first('write the release', state.writeRelease),
    removeRelease: first('remove a release', state.removeRelease),
    setCurrent: first('set current', state.setCurrent),
    clearCurrent: first('clear current', state.clearCurrent),
    appendJournal: async (entry) => {
      await beforeEffect(`journal ${entry.step}`);
      await state.appendJournal(entry);
    },
    clearJournal: first('clear the journal', state.clearJournal),
    writeNewest: first('note the newest commit', state.writeNewest),
    writeFreeze: first('write the freeze', state.writeFreeze),
    appendHistory: first('append to the history', state.appendHistory),
    linkData: first('link data', state.linkData),
    removeMount: first('remove a mount', state.removeMount),
  };
}

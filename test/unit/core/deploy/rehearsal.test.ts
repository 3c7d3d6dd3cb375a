import { expect, it } from '@jest/globals';
import { plannedActions } from '../../../../src/core/deploy/adopted.ts';
import { inPlainWords } from '../../../../src/core/deploy/rehearsal.ts';

it('says in plain words what compose would do with each container', () => {
  // As compose 5 prints it.
  const said = ` Container shop-job-1 Stopping
 Container shop-job-1 Stopped
 Container shop-job-1 Removing
 Container shop-job-1 Removed
 Container shop-web-1 Recreate
 Container shop-new-1 Creating
 Container shop-web-1 Recreated
 Container shop-new-1 Created
 Container 7e6b285141e8_shop-web-1 Starting
 Container 7e6b285141e8_shop-web-1 Started
 Container shop-new-1 Starting
 Container shop-new-1 Started
 Container shop-db-1 Starting
 Container shop-db-1 Started
 Container shop-cache-1 Running
`;
  expect(inPlainWords(plannedActions(said))).toEqual([
    'would be removed: shop-job-1',
    'would be made anew: shop-web-1',
    'would be made: shop-new-1',
    'would be started again: shop-db-1',
    'would be left as it is: shop-cache-1',
  ]);
  expect(inPlainWords(new Map())).toEqual([]);
});

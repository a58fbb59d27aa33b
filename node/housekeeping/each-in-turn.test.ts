import { expect, test } from 'vitest';
import { eachInTurn } from './each-in-turn.ts';

test.each([
  [[], [], 'nothing'],
  [[2], [1, 2, 3], 'cannot do 2'],
  [[1, 3], [1, 2, 3], 'cannot do 1 (and 1 more)'],
])('what fails (%j) stands in the way of no other', async (failing, items, outcome) => {
  const tried: number[] = [];
  const work = async (item: number) => {
    tried.push(item);
    if (failing.includes(item)) throw new Error(`cannot do ${item}`);
  };
  const said = await eachInTurn(items, work).then(
    () => 'nothing',
    (error) => error.message,
  );
  expect({ tried, said }).toEqual({ tried: items, said: outcome });
});

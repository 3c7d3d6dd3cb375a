// Load in a process of its own, so that the deployment beside it does not hold it
// up: so many requests a second whether answers come or not, each on a new
// connection. Ends when its input ends; prints what it saw as JSON.
import { request } from 'node:http';

export interface Seen {
  /** When the answer was there, by the clock. */
  readonly at: number;
  /** When it was sent. */
  readonly sent: number;
  readonly slow: boolean;
  /** The text of a good answer. */
  readonly version?: string;
  /** Why it was none. */
  readonly fault?: string;
}

const { port, host, perSecond, slowPerSecond } = JSON.parse(process.argv[2] ?? '{}');
const seen: Seen[] = [];
const started = performance.now();
let underWay = 0;
let ended = false;

function ask(slow: boolean): void {
  underWay += 1;
  const began = Date.now();
  let isDone = false;
  const done = (answer: { version?: string; fault?: string }) => {
    if (isDone) return;
    isDone = true;
    underWay -= 1;
    seen.push({ at: Date.now(), sent: began, slow, ...answer });
    finish();
  };
  const sent = request(
    {
      host: '127.0.0.1',
      port,
      path: slow ? '/cgi-bin/slow' : '/version',
      agent: false,
      headers: { Host: host },
      timeout: 15_000,
    },
    (answer) => {
      let text = '';
      answer.on('data', (part) => {
        text += part;
      });
      answer.on('error', (error) => done({ fault: `cut off: ${error.message}` }));
      answer.on('end', () =>
        done(answer.statusCode === 200 ? { version: text.trim() } : { fault: `status ${answer.statusCode}` }),
      );
    },
  );
  sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
  sent.on('error', (error) => done({ fault: error.message }));
  sent.end();
}

let fast = 0;
let slow = 0;
const timer = setInterval(() => {
  const seconds = (performance.now() - started) / 1000;
  for (; fast < seconds * perSecond; fast += 1) ask(false);
  for (; slow < seconds * slowPerSecond; slow += 1) ask(true);
}, 5);

function finish(): void {
  if (!ended || underWay > 0) return;
  process.stdout.write(JSON.stringify(seen));
}

process.stdin.resume();
process.stdin.on('end', () => {
  clearInterval(timer);
  ended = true;
  finish();
});

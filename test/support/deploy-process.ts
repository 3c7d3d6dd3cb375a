// One deployment in a process of its own. The request comes as JSON; what is
// reported goes to stdout, the result is its last line.
import { LaunchError } from '../../src/core/errors.ts';
import { deployService } from '../../src/operations/deploy-service.ts';

const request = JSON.parse(process.argv[2] ?? '{}');
const say = (line: string) => void process.stdout.write(`${line}\n`);
try {
  const result = await deployService(
    { ...request, secrets: new Map(request.secrets), env: new Map(request.env), hostEnv: process.env },
    {
      group: async (title, body) => {
        say(title);
        return await body();
      },
      info: say,
      warning: say,
      debug: () => {},
      output: say,
    },
  );
  say(JSON.stringify(result));
} catch (error) {
  say(error instanceof LaunchError ? `${error.code}: ${error.message}` : String(error));
  process.exitCode = 1;
}

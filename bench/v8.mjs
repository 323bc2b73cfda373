// Runs a WebAssembly module in V8 for Wisp.Bench: node v8.mjs FILE.wasm, then one request on each line of standard input.
//
//   {"run": n}                                            calls the export run(n) of a new instance      → {"nanoseconds", "result"}
//   {"folder", "arguments", "input", "output", "error", "scriptedClock"}                               → {"nanoseconds"}
//                                                         runs a WASI program in a new instance; files are its standard streams
//
// An answer that starts with "error " says why not. Times are CPU time of the process (process.cpuUsage, in microseconds), so what
// helper threads of V8 do meanwhile counts too; between the imports bench.start and bench.end where the program has them.
import { openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { WASI } from "node:wasi";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const usesOldNames = WebAssembly.Module.imports(module).some((wanted) => wanted.module === "wasi_unstable");

function nanosecondsSince(start) {
  const used = process.cpuUsage(start);
  return (used.user + used.system) * 1000;
}

function runKernel(n) {
  const instance = new WebAssembly.Instance(module, { host: { nothing() {} } });
  const start = process.cpuUsage();
  const result = instance.exports.run(n);
  return { nanoseconds: nanosecondsSince(start), result: BigInt.asIntN(64, BigInt(result)).toString() };
}

// The same as ScriptedClock.cs, where the reason is.
function scriptClock(wasi, memory) {
  let calls = 0;
  wasi.clock_time_get = (clock, precision, address) => {
    const call = calls++;
    const now = call < 7 ? call * 1e6 : 1e10 * (call - 6);
    new DataView(memory().buffer).setBigUint64(address, BigInt(now), true);
    return 0;
  };
}

function runProgram(request) {
  // Not closed here: a WASI object closes what it was given when it is collected, also numbers that mean something else by then.
  const [stdin, stdout, stderr] = [openSync(request.input ?? "/dev/null", "r"), openSync(request.output, "w"), openSync(request.error, "w")];
  const wasi = new WASI({
    version: usesOldNames ? "unstable" : "preview1",
    args: request.arguments,
    preopens: { ".": request.folder },
    returnOnExit: true,
    stdin,
    stdout,
    stderr,
  });
  let marked = 0;
  let started;
  const bench = {
    start() { started = process.cpuUsage(); },
    end() { marked = nanosecondsSince(started); },
  };
  const imports = { ...wasi.getImportObject(), bench };
  if (request.scriptedClock) {
    Object.values(imports).forEach((names) => scriptClock(names, () => instance.exports.memory));
  }
  const instance = new WebAssembly.Instance(module, imports);
  const begin = process.cpuUsage();
  const code = wasi.start(instance);
  const whole = nanosecondsSince(begin);
  if (code !== 0) {
    throw new Error(`exit code ${code}`);
  }
  return { nanoseconds: started ? marked : whole };
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const request = JSON.parse(line);
    console.log(JSON.stringify("run" in request ? runKernel(request.run) : runProgram(request)));
  } catch (problem) {
    console.log("error " + String(problem.message ?? problem).split("\n")[0]);
  }
}

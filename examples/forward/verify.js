// A receiver's check as Agnox's documents show it: the bare hex, compared in constant time.
// node verify.js SECRET SIGNATURE < body
const crypto = require('node:crypto');
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', () => {
  const [secret, signature] = process.argv.slice(2);
  const expected = crypto.createHmac('sha256', secret).update(Buffer.concat(chunks)).digest();
  const given = Buffer.from(signature, 'hex');
  const holds = given.length === expected.length && crypto.timingSafeEqual(expected, given);
  console.log(holds ? 'ok' : 'refused');
  process.exit(holds ? 0 : 1);
});

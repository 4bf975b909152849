/** Imported first: says plainly what is missing before anything that an older Node cannot run. */
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 20) {
  console.error(`Plumbline needs Node.js 20 or newer; this is ${process.version}. Install it from your package manager and try again.`)
  process.exit(1)
}

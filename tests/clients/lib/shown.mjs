/** Says that a thing has been shown. The test that runs the script lists what must be. */
export function shown(what) {
  console.log(`ok - ${what}`);
}

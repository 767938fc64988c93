// Takes the place of packages that are imported but not used here: see build.js.
export default class Nothing {}

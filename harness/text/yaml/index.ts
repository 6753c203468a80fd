export type { WrongKey, YamlProblem } from './places.js';
export { type CheckedYamlShape, type InspectedYaml, inspectYaml, readYaml, type YamlShape } from './read-yaml.js';

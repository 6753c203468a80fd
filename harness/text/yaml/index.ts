export { readYaml, type WrongKey, type YamlProblem } from './read-yaml.js';

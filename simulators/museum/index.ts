export { EXHIBITS } from './collection/index.js';
export type { Exhibit } from './exhibit.js';
export { STORIES, STORY_NAMES, type StoryName } from './stories.js';
export { type Stage, type Story, type TellOptions, tellStory, type Told } from './tell-story.js';
export { type FalseAlarm, type Sighting, visitExhibit, visitStory } from './visit.js';

/** What stands for `zod/v4/core` in the Worker (wrangler.toml): the one thing that the API description takes from it. */
export { toJSONSchema } from 'zod'

/** Which chip drives a line, as plain data. `auto`: this machine's chips, by the best way there is. */
export type GpioOptions = { readonly way: 'auto' | 'onoff' | 'libgpiod' } | { readonly way: 'line-socket'; readonly socketPath: string };

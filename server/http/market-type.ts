/** Whether the parameter `marketType`, which may be given several times, lets spot markets in: all of ours are. */
export function includesSpot({ marketType }: { readonly marketType?: readonly string[] }): boolean {
  return marketType === undefined || marketType.includes('SPOT');
}

/** What the environment says where the program says nothing; `millrace submit` hands its flags on so. */
export function setting(name: string): string | undefined {
  const value = process.env[`MILLRACE_${name}`]
  return value === '' ? undefined : value
}

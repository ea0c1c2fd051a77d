/** Wrappers of a call that give it a disk of its own; all of it ends with the call. */

/** A root without its privilege to pass every mode; for other users nothing has to change. */
export function asOrdinaryUser(): readonly string[] {
  return process.getuid?.() === 0
    ? ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--"]
    : [];
}

/** `path` has another mode while the call runs. */
export function withMode(path: string, mode: string): readonly string[] {
  const script = `old=$(stat -c %a "$1"); chmod ${mode} "$1"; trap 'chmod "$old" "$1"' EXIT
path=$1; shift; "$@"; status=$?; set -- "$path"; exit $status`;
  return [...asOrdinaryUser(), "sh", "-c", script, "sh", path];
}

/** `path` (made when missing) is on a disk that can be read only. */
export function readOnly(path: string): readonly string[] {
  return mounted(path, 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"');
}

/** `path` (made when missing) is on a disk with room for so many bytes and files more. */
export function tinyDisk(
  path: string,
  bytes: number,
  { files = 1_000 }: { files?: number } = {},
): readonly string[] {
  const size = `size=256k,nr_inodes=${files + 2},mode=700`;
  const fill = `head -c ${262_144 - bytes} /dev/zero >"$1/full"`;
  return mounted(path, `mount -t tmpfs -o ${size} tmpfs "$1" && ${fill}`);
}

/** `path` (which exists) is on an empty disk of so many bytes. */
export function ownDisk(
  path: string,
  bytes: number,
): {
  readonly wrapper: readonly string[];
  /** A file on that disk, as it is reached from here while the process runs. */
  path(pid: number, name: string): string;
} {
  return {
    wrapper: mounted(path, `mount -t tmpfs -o size=${bytes},mode=700 tmpfs "$1"`),
    path: (pid, name) => `/proc/${pid}/root${path}/${name}`,
  };
}

/** The mounts are in a namespace that is gone with its last process. */
function mounted(path: string, mount: string): readonly string[] {
  const script = `mkdir -p -m 700 "$1" && ${mount} || exit 99; shift; exec "$@"`;
  return ["unshare", "-rm", "sh", "-c", script, "sh", path];
}

# shellcheck shell=bash
# The Debian archive as this machine knows it: mirrors and trust come from its own apt configuration. Sourced after workspace.sh.
#
# ZDI_DEBIAN_MIRROR           instead of the mirror that apt uses for Debian
# ZDI_DEBIAN_SECURITY_MIRROR  instead of the mirror that apt uses for Debian-Security; `none`: no security updates
# ZDI_DEBIAN_KEYRING          instead of Debian's archive keyring

ZDI_DEBIAN_KEYRING=${ZDI_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
apt_view=()

# apt_mirror LABEL: the first mirror in apt's configuration whose Release file carries that label
apt_mirror() {
  # shellcheck disable=SC2016 # apt's own variables
  apt-get indextargets --format '$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk -F'|' -v label="$1" '$1 == label && $2 == "main" {sub("/$", "", $3); print $3; exit}'
}

debian_mirror() {
  local mirror=${ZDI_DEBIAN_MIRROR:-$(apt_mirror Debian)}
  [ -n "$mirror" ] || die "apt knows no Debian mirror (apt-get indextargets lists none; has apt-get update been run?); set ZDI_DEBIAN_MIRROR=http://…"
  printf '%s\n' "${mirror%/}"
}

security_mirror() {
  local mirror=${ZDI_DEBIAN_SECURITY_MIRROR:-$(apt_mirror Debian-Security)}
  [ "$mirror" = none ] || printf '%s\n' "${mirror%/}"
}

# debian_sources SUITE COMPONENTS [MIRROR]: lines of a sources.list. With a mirror given, only that mirror is used.
debian_sources() {
  local suite=$1 components=$2 mirror=${3:-} security=
  [ -r "$ZDI_DEBIAN_KEYRING" ] || die "no Debian archive keyring at $ZDI_DEBIAN_KEYRING; install debian-archive-keyring or set ZDI_DEBIAN_KEYRING"
  if [ -z "$mirror" ]; then
    mirror=$(debian_mirror)
    security=$(security_mirror)
  fi
  # apt would hand dpkg the path of a file: package, which the new system does not see; copy: brings it in.
  case $mirror in file:*) mirror=copy:${mirror#file:} ;; esac
  printf 'deb [signed-by=%s] %s %s %s\n' "$ZDI_DEBIAN_KEYRING" "$mirror" "$suite" "$components"
  case $suite in sid | unstable | experimental) return ;; esac
  if [ -n "$security" ]; then
    printf 'deb [signed-by=%s] %s %s %s\n' "$ZDI_DEBIAN_KEYRING" "$security" "$suite-security" "$components"
  fi
}

# open_archive SOURCES_LIST: a private view of these sources for apt-cache, apart from the machine's own state
open_archive() {
  local state
  state=$ZDI_CACHE/apt/$(sha256sum <"$1" | cut -c1-16)
  mkdir -p "$state/lists/partial" "$state/etc/preferences.d" "$state/archives/partial"
  cp "$1" "$state/etc/sources.list"
  : >"$state/status"
  apt_view=(-o "Dir::Etc=$state/etc" -o Dir::Etc::sourceparts=- -o "Dir::State=$state" -o "Dir::State::lists=$state/lists"
    -o "Dir::State::status=$state/status" -o "Dir::Cache=$state" -o APT::Sandbox::User=root -o Acquire::Languages=none
    -o APT::Install-Recommends=false)
  local output
  if ! output=$(apt-get "${apt_view[@]}" -o APT::Update::Error-Mode=any -qq update 2>&1); then
    # The stored lists still name packages; whether they can be fetched shows itself at the download.
    compgen -G "$state/lists/*_Packages*" >/dev/null || die "cannot read the Debian archive: $output"
    say "warning: the package lists could not be refreshed, going on with the stored ones: ${output//$'\n'/ }"
  fi
}

# package_lists: the folder with the archive's indices. After open_archive.
package_lists() { printf '%s\n' "${apt_view[@]}" | sed -n 's/^Dir::State::lists=//p'; }

# archive_date: when the newest of the archive's indices was made, in seconds
archive_date() {
  local file
  for file in "$(package_lists)"/*_InRelease; do
    date --date "$(sed -n 's/^Date: //p;/^SHA256:/q' "$file")" +%s
  done | sort -n | tail -n 1
}

# archive_hash: changes when, and only when, the archive's signed indices change. After open_archive.
archive_hash() { sha256sum "$(package_lists)"/*_InRelease | cut -d' ' -f1 | sha256sum | cut -c1-16; }

# candidate PACKAGE: the version that would be installed
candidate() {
  local version
  version=$(apt-cache "${apt_view[@]}" policy "$1" | awk '$1 == "Candidate:" {print $2}')
  [ "${version:-(none)}" != "(none)" ] || die "the Debian archive has no package $1"
  printf '%s\n' "$version"
}

# kernel_release METAPACKAGE: the release (uname -r) of the kernel that a linux-image-* metapackage brings
kernel_release() {
  local release
  release=$(apt-cache "${apt_view[@]}" depends "$1" | sed -n 's/^ *Depends: linux-image-\([0-9][^ ]*\)$/\1/p' | head -n 1)
  [ -n "$release" ] || die "$1 is no kernel metapackage of the Debian archive"
  printf '%s\n' "$release"
}

# repository_of DEB…: makes a package repository of these packages in the workspace; prints its line for a sources.list
repository_of() {
  local folder=${workspace:?}/repository deb
  mkdir -p "$folder"
  for deb; do
    cp "$deb" "$folder/"
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${deb##*/}" "$(stat -c %s "$deb")" "$(sha256sum <"$deb" | cut -d' ' -f1)"
  done >"$folder/Packages"
  printf 'deb [trusted=yes] copy:%s ./\n' "$folder"
}

# bootstrap SOURCES_LIST TARGET MMDEBSTRAP_OPTION…: debs are kept in the cache and hard-linked into the new system while it is made
bootstrap() {
  local sources=$1 target=$2
  shift 2
  mkdir -p "$ZDI_CACHE/debs"
  # shellcheck disable=SC2016 # $1 is the hook's
  TMPDIR=${workspace:?} mmdebstrap --quiet --mode=root --format=directory --skip=essential/unlink,cleanup/apt/cache \
    --setup-hook='mkdir -p "$1/var/cache/apt/archives/partial"' \
    --setup-hook="find '$ZDI_CACHE/debs' -name '*.deb' -exec cp -l -t \"\$1/var/cache/apt/archives\" {} +" \
    "$@" \
    --customize-hook="find \"\$1/var/cache/apt/archives\" -name '*.deb' -links 1 -exec cp -ln -t '$ZDI_CACHE/debs' {} +" \
    --customize-hook='rm -rf "$1"/var/cache/apt/archives' \
    '' "$target" "$sources"
}

# shellcheck shell=bash
# shellcheck disable=SC2154 # repo is scenario.sh's
# The launcher: what it installs, when it builds, and that neither happens twice.

# A folder with every program of this machine but some: programs_without FOLDER NAME…
programs_without() {
  local folder=$1 name
  shift
  mkdir "$folder"
  find /usr/bin /usr/sbin /bin /sbin -maxdepth 1 ! -type d -print0 | xargs -0 ln -sf -t "$folder"
  for name; do rm "$folder/$name"; done
}

# An apt-get that writes down what it is asked for, and "installs" xorriso: fake_apt_get FOLDER
fake_apt_get() {
  rm -f "$1/apt-get"
  cat >"$1/apt-get" <<APT
#!/bin/bash
echo "\$*" >>'$PWD/apt-calls'
case " \$* " in *" install "*) ln -s /usr/bin/xorriso '$1/xorriso' ;; esac
APT
  chmod +x "$1/apt-get"
}

scenario_launcher_finds_its_folder_through_symbolic_links() {
  mkdir "a folder"
  ln -s "$repo/zdi" "a folder/first"
  ln -s "a folder/first" second
  (cd / && "$OLDPWD/second" --version) | tee version.log
  expect_text version.log '^zdi [0-9]'
}

scenario_launcher_only_tells_what_is_missing_when_it_may_not_install() {
  programs_without "$PWD/bin" xorriso qemu-img
  fake_apt_get "$PWD/bin"
  PATH=$PWD/bin ZDI_NO_INSTALL=1 expect_failure 2 'apt-get install --no-install-recommends qemu-utils xorriso$' "$repo/zdi" build nothing.yaml
  expect_text failure.log '^  xorriso +[a-z]'
  expect_equal "calls of apt-get" "" "$(cat apt-calls 2>/dev/null)"
}

scenario_launcher_installs_what_the_command_needs_and_only_once() {
  programs_without "$PWD/bin" xorriso
  fake_apt_get "$PWD/bin"
  story "a command that needs no xorriso installs nothing"
  PATH=$PWD/bin zdi --version
  expect_equal "calls of apt-get" "" "$(cat apt-calls 2>/dev/null)"

  story "one that needs it says so and installs it; then it goes on, and finds no such file"
  PATH=$PWD/bin expect_failure 2 'nothing.yaml: there is no such file' "$repo/zdi" build nothing.yaml -o out
  expect_text failure.log '^  xorriso +makes the disk'
  expect_equal "packages installed" xorriso "$(sed -n 's/.* install //p' apt-calls)"

  story "the next one finds it installed"
  PATH=$PWD/bin expect_failure 2 'nothing.yaml: there is no such file' "$repo/zdi" build nothing.yaml -o out
  expect_equal "calls of apt-get: update, install" 2 "$(wc -l <apt-calls)"
}

scenario_launcher_names_the_one_command_to_run_to_who_may_not_install() {
  programs_without "$PWD/bin" xorriso sudo 2>/dev/null || rm -f "$PWD/bin/sudo"
  chmod 755 "$PWD" "$PWD/.."
  PATH=$PWD/bin HOME=$PWD expect_failure 2 'sudo apt-get install --no-install-recommends .*xorriso' \
    setpriv --reuid=65534 --regid=65534 --clear-groups "$repo/zdi" build nothing.yaml
}

scenario_launcher_builds_once_when_two_are_started() {
  mkdir checkout
  (cd "$repo" && git ls-files -co --exclude-standard -z | xargs -0 tar cf - --ignore-failed-read) | tar xf - -C checkout
  checkout/zdi --version >first.log 2>&1 &
  local first=$! status=0
  checkout/zdi --version >second.log 2>&1 || status=$?
  wait "$first"
  cat first.log second.log
  expect_equal "status of the second" 0 "$status"
  expect_equal "builds" 1 "$(cat first.log second.log | grep -c '^zdi: building zdi.*done in')"
  expect_equal "waits" 1 "$(cat first.log second.log | grep -c 'another zdi is building this checkout')"

  story "nothing is built again until a source changes"
  checkout/zdi --version >third.log 2>&1
  expect_equal "what a third start says" 1 "$(wc -l <third.log)"
  touch checkout/pom.xml
  printf 'nonsense' >>checkout/src/main/java/dev/zfsdiskimage/cli/Zdi.java
  expect_failure 1 'Maven.s whole output is in .*/checkout/target/zdi/build.log' checkout/zdi --version
  expect_text failure.log 'Zdi.java'
}

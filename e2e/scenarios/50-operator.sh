# shellcheck shell=bash
# shellcheck disable=SC2154 # repo is scenario.sh's
# The operator as a process of its own, against a simulated cluster: builds, tells, hands over, ends.

# What runs in the background ends with the scenario, operators of a failed one too.
end_with_scenario() { trap 'jobs -p | xargs -r kill 2>/dev/null || true; wait' EXIT; }

# A simulated cluster for kubectl and zdi; it goes with the scenario: simulated_cluster MILLISECONDS [API GROUP…]
simulated_cluster() {
  "$repo/e2e/simulated-cluster" "$PWD/kubeconfig" "$@" >cluster.log 2>&1 &
  end_with_scenario
  wait_for 300 test -e kubeconfig
  export KUBECONFIG=$PWD/kubeconfig
}

# Leaves its process in $operator and the port of its health and metrics in $port: start_operator NAME
start_operator() {
  port=$((20000 + RANDOM % 20000))
  ZDI_HTTP_PORT=$port "$repo/zdi" operator >"$1.log" 2>"$1.err" &
  operator=$!
  wait_for 120 curl -fs -o "$1.ready" "http://localhost:$port/q/health/ready"
}

# Tells an operator to end, and sees that it does so well: stop_operator PROCESS
stop_operator() {
  local began=$SECONDS status=0
  kill -TERM "$1"
  wait "$1" || status=$?
  printf 'ended with %s after %s s\n' "$status" "$((SECONDS - began))"
  expect_equal "exit status after SIGTERM" 0 "$status"
}

# The sum of a meter's values, of those with this label where it is named, 0 where it is absent: meter PORT NAME [LABEL="VALUE"…]
meter() {
  local lines label
  lines=$(curl -fs "http://localhost:$1/q/metrics" | grep -E "^$2[ {]" || true)
  for label in "${@:3}"; do lines=$(grep -F -- "$label" <<<"$lines" || true); done
  awk '{sum += $NF} END {print sum + 0}' <<<"$lines"
}

# more_than NUMBER PORT NAME [LABEL="VALUE"…]
more_than() { (($(meter "${@:2}") > $1)); }

meter_is() { [[ $1 == "$(meter "${@:2}")" ]]; }

# Who has the Lease.
holder() { kubectl get lease zfs-disk-image-operator -o jsonpath='{.spec.holderIdentity}'; }

leads() { grep -q 'this operator leads' "$1"; }

scenario_operator_builds_images_and_ends_when_told() {
  simulated_cluster 20
  start_operator operator

  story "a resource becomes two claims"
  kubectl apply -f "$repo/operator/samples/minimal.yaml"
  kubectl wait --for=condition=Ready zdi/minimal --timeout=120s
  kubectl get zdi | tee table.txt
  expect_text table.txt '^minimal +True +Ready'
  kubectl get zdi minimal -o json >minimal.json
  for disk in boot root; do kubectl get pvc "$(json minimal.json ".status.images.$disk.claim")"; done
  expect_equal "the condition kstatus reads" True "$(json minimal.json '.status.conditions[] | select(.type == "Ready").status')"

  story "meters, health, log"
  wait_for 20 meter_is 1 "$port" zdi_builds_total 'result="ready"'
  expect_equal "VMs created" 2 "$(meter "$port" zdi_api_requests_total 'code="201"' 'resource="virtualmachineinstances"' 'verb="create"')"
  curl -fs "http://localhost:$port/q/health/live" "http://localhost:$port/q/health/started" | jq -e '.status == "UP"'
  expect_equal "what a log line about the resource names" default/minimal \
    "$(jq -r 'select(.mdc["resource.name"]) | .mdc["resource.namespace"] + "/" + .mdc["resource.name"]' operator.log | sort -u)"
  expect_equal "warnings and errors in the log" "" "$(jq -r 'select(.level == "ERROR") | .message' operator.log)"

  story "a resource whose copies boot to a login prompt, and once more with a larger disk"
  sed 's/^  name: minimal$/  name: verified/' "$repo/operator/samples/minimal.yaml" >verified.yaml
  printf '  verify: {boot: {firmware: [bios, uefi]}, grow: {by: 1Gi}}\n' >>verified.yaml
  kubectl apply -f verified.yaml
  kubectl wait --for=condition=Ready zdi/verified --timeout=120s
  kubectl get zdi verified -o json >verified.json
  expect_equal "the condition Verified" True "$(json verified.json '.status.conditions[] | select(.type == "Verified").status')"
  expect_equal "consoles opened" 3 "$(meter "$port" zdi_api_requests_total 'resource="virtualmachineinstances/console"' 'verb="get"')"
  expect_equal "warnings and errors in the log" "" "$(jq -r 'select(.level == "ERROR") | .message' operator.log)"

  story "deleted, and nothing is left"
  kubectl delete zdi minimal verified
  expect_equal "what is left" "" "$(kubectl get pvc,cm,job,vmi,das -o name)"

  story "told to end"
  stop_operator "$operator"
}

# minimal NAME: the smallest resource, under another name
minimal() { sed "s/^  name: minimal$/  name: $1/" "$repo/operator/samples/minimal.yaml"; }

builds() { [[ Building == "$(kubectl get zdi "$1" -o jsonpath='{.status.phase}')" ]]; }

scenario_operator_gives_the_places_of_deleted_resources_to_others() {
  local name
  simulated_cluster 1000
  ZDI_BUILDS_MAX=1 start_operator operator

  story "more resources than there are places are deleted in the middle of their builds"
  for name in one two; do
    minimal "$name" | kubectl apply -f -
    wait_for 60 builds "$name"
    wait_for 60 meter_is 1 "$port" zdi_consoles
    kubectl delete zdi "$name"
  done

  story "nothing is held for them, and the next one is built"
  wait_for 60 meter_is 0 "$port" zdi_builds_running
  wait_for 60 meter_is 0 "$port" zdi_consoles
  expect_equal "resources that the meters know" 0 "$(meter "$port" zdi_resources)"
  minimal three | kubectl apply -f -
  wait_for 60 builds three
  kubectl wait --for=condition=Ready zdi/three --timeout=180s
  stop_operator "$operator"
}

scenario_operator_for_some_namespaces_does_as_its_settings_say() {
  simulated_cluster 20
  ZDI_WATCH_NAMESPACES=team-a,team-b ZDI_STORAGE_CLASS=fast ZDI_LEADER_ELECTION_ENABLED=false start_operator operator

  story "resources in its namespaces are built, on the storage class that it gives to all that name none"
  local namespace
  for namespace in default team-a team-b; do kubectl apply --namespace "$namespace" --filename "$repo/operator/samples/minimal.yaml"; done
  for namespace in team-a team-b; do
    kubectl wait --namespace "$namespace" --for=condition=Ready zdi/minimal --timeout=120s
    expect_equal "storage classes in $namespace" fast \
      "$(kubectl get pvc --namespace "$namespace" -o jsonpath='{range .items[*]}{.spec.storageClassName}{"\n"}{end}' | sort -u)"
  done
  curl -fs "http://localhost:$port/q/health/live" "http://localhost:$port/q/health/ready" | jq -e '.status == "UP"'

  story "a resource elsewhere is not even looked at, and no lease is taken"
  expect_equal "status in default" "" "$(kubectl get zdi minimal --namespace default -o jsonpath='{.status}')"
  expect_equal "claims in default" "" "$(kubectl get pvc --namespace default -o name)"
  expect_equal "resources that the meters know" 2 "$(meter "$port" zdi_resources)"
  expect_equal "leases" "" "$(kubectl get lease --all-namespaces -o name)"

  story "one that is refused is seen in the meters"
  kubectl apply --namespace team-a --filename - <<'RESOURCE'
apiVersion: zfsdiskimage.dev/v1alpha1
kind: ZfsDiskImage
metadata: {name: refused}
spec: {install: {rootfs: {payload: {path: no-such-thing-in-a-cluster.tar}, bootloader: none}}}
RESOURCE
  wait_for 60 meter_is 1 "$port" zdi_resources 'phase="Failed"'
  kubectl get zdi --namespace team-a
  stop_operator "$operator"
}

scenario_operator_says_what_the_cluster_lacks() {
  cat >nowhere <<'CONFIG'
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: u, user: {}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
CONFIG
  expect_failure 1 'no cluster answers at http://127.0.0.1:9/.*KUBECONFIG' env KUBECONFIG="$PWD/nowhere" "$repo/zdi" operator
  simulated_cluster 0 kubevirt.io zfsdiskimage.dev
  expect_failure 1 'does not know VirtualMachineInstance .*: install KubeVirt' "$repo/zdi" operator
  expect_text failure.log 'does not know ZfsDiskImage .*kubectl apply'
}

scenario_operator_says_that_its_port_is_taken() {
  simulated_cluster 0
  serve "$PWD"
  end_with_scenario
  expect_failure 1 'another program listens on its port; set ZDI_HTTP_PORT' env ZDI_HTTP_PORT="$port" "$repo/zdi" operator
}

# What an API server says to a resource that it is not to keep: judged FILE
judged() {
  curl -s -X POST -H 'Content-Type: application/yaml' --data-binary "@$1" \
    "$server/apis/zfsdiskimage.dev/v1alpha1/namespaces/default/zfsdiskimages?fieldValidation=Strict&dryRun=All"
}

# The value of a fixture's line "# NAME: VALUE": expectation FILE NAME
expectation() { sed -n "s/^# $2: //p" "$1"; }

scenario_operator_on_a_real_api_server_for_custom_resources() { # takes minutes
  local fixture server said wanted status=0 writes looks
  "$repo/e2e/api-server" "$PWD/real" >api-server.log 2>&1 &
  local api_server=$!
  end_with_scenario
  until [[ -e real ]]; do
    if ! kill -0 "$api_server" 2>/dev/null; then
      wait "$api_server" || status=$?
      cat api-server.log
      return "$status"
    fi
    sleep 0.5
  done
  CUSTOM_RESOURCES_FROM=$PWD/real simulated_cluster 20
  server=$(sed -n 's/.*server: "\(.*[^/]\)\/*".*/\1/p' kubeconfig)

  story "the definition is taken: its schema is structural, and its rules cost no more than is allowed"
  kubectl apply -k "$repo/crds"
  kubectl wait --for=condition=Established crd/zfsdiskimages.zfsdiskimage.dev --timeout=60s
  kubectl get crd zfsdiskimages.zfsdiskimage.dev -o json >crd.json
  expect_equal "complaints about the schema" "" "$(json crd.json '.status.conditions[] | select(.type == "NonStructuralSchema").message')"

  story "it takes and refuses the resources that zdi takes and refuses, with the same defaults and for the same fields"
  for fixture in "$repo"/src/test/resources/crd/accept/*.yaml; do
    judged "$fixture" >judged.json
    expect_equal "$fixture" ZfsDiskImage "$(json judged.json 'if .kind == "Status" then .message else .kind end')"
    jq -S .spec judged.json >spec.json
    jq -S --arg name "${fixture##*/}" '.[$name]' "$repo/src/test/resources/crd/defaults.json" >wanted.json
    diff -u wanted.json spec.json
  done
  for fixture in "$repo"/src/test/resources/crd/reject/*.yaml; do
    said=$(judged "$fixture" | jq -r 'if .kind == "Status" then .message else "takes it, and drops the field" end')
    wanted=$(expectation "$fixture" api-server)
    if [[ $said != *"${wanted:-$(expectation "$fixture" field)}"* ]]; then
      printf '%s: expected to read of %s, got: %s\n' "$fixture" "${wanted:-$(expectation "$fixture" field)}" "$said" >&2
      return 1
    fi
  done

  story "an operator builds; each status that it writes is judged too"
  start_operator operator
  kubectl apply --server-side -f "$repo/operator/samples/minimal.yaml"
  kubectl wait --for=condition=Ready zdi/minimal --timeout=120s
  kubectl get zdi | tee table.txt
  expect_text table.txt '^minimal +True +Ready +save +raw +2Gi '
  kubectl describe zdi minimal

  story "nothing that it writes is dropped, which would have it write again; nothing that was applied drifts"
  wait_for 20 meter_is 1 "$port" zdi_builds_total 'result="ready"'
  writes=$(meter "$port" zdi_api_requests_total 'resource="zfsdiskimages/status"')
  looks=$(meter "$port" zdi_looks_total)
  kubectl annotate pvc "$(kubectl get zdi minimal -o jsonpath='{.status.images.boot.claim}')" example.org/look=again
  wait_for 20 more_than "$looks" "$port" zdi_looks_total
  expect_equal "status writes" "$writes" "$(meter "$port" zdi_api_requests_total 'resource="zfsdiskimages/status"')"
  kubectl apply --server-side -f "$repo/operator/samples/minimal.yaml"
  expect_equal "generation" 1 "$(kubectl get zdi minimal -o jsonpath='{.metadata.generation}')"

  story "a change starts a new revision; deleted, nothing is left"
  kubectl patch zdi minimal --type=merge -p '{"spec": {"rebuild": "again"}}'
  wait_for 20 meter_is 2 "$port" zdi_builds_total 'result="ready"'
  expect_equal "the generation that status is about" 2 "$(kubectl get zdi minimal -o jsonpath='{.status.observedGeneration}')"
  kubectl delete zdi minimal
  expect_equal "what is left" "" "$(kubectl get pvc,cm,job,vmi,das -o name)"
  expect_equal "errors in the log" "" "$(jq -r 'select(.level == "ERROR") | .message' operator.log)"
  stop_operator "$operator"
}

scenario_of_two_operators_one_acts_and_the_other_takes_over() {
  local first second first_port second_port
  simulated_cluster 20
  start_operator first
  first=$operator first_port=$port
  wait_for 60 leads first.log
  start_operator second
  second=$operator second_port=$port
  kubectl apply -f "$repo/operator/samples/minimal.yaml"
  kubectl wait --for=condition=Ready zdi/minimal --timeout=120s
  wait_for 20 meter_is 1 "$first_port" zdi_builds_total
  expect_equal "looks of the other" 0 "$(meter "$second_port" zdi_looks_total)"

  story "the leader ends and gives the lease back, the other goes on"
  local led
  led=$(holder)
  [[ -n $led ]]
  stop_operator "$first"
  [[ $(holder) != "$led" ]]
  wait_for 60 leads second.log
  sed 's/^  name: minimal$/  name: second/' "$repo/operator/samples/minimal.yaml" | kubectl apply -f -
  kubectl wait --for=condition=Ready zdi --all --timeout=120s
  expect_equal "VMs that the second created" 2 \
    "$(meter "$second_port" zdi_api_requests_total 'resource="virtualmachineinstances"' 'verb="create"')"
  stop_operator "$second"
}

scenario_operator_that_loses_its_lease_ends_and_leaves_it_to_the_other() {
  local status=0
  simulated_cluster 0
  start_operator operator
  wait_for 60 leads operator.log
  kubectl patch lease zfs-disk-image-operator --type=merge \
    -p "{\"spec\": {\"holderIdentity\": \"another\", \"renewTime\": \"$(date -u +%FT%T.%6NZ)\", \"leaseDurationSeconds\": 3600}}"
  wait "$operator" || status=$?
  expect_equal "exit status" 1 "$status"
  expect_equal "errors in the log" "the lease was lost to another operator; this one ends" "$(jq -r 'select(.level == "ERROR") | .message' operator.log)"
  expect_equal "who has the lease" another "$(holder)"
}

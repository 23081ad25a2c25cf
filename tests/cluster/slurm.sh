# Functions for the tests of docs/clusters.md: its scripts, and a Slurm of this machine alone.

source "$(dirname "${BASH_SOURCE[0]}")/../checks.sh"

# block FILE NAME: the lines between "```NAME" and "```".
block() {
  awk -v head="\`\`\`$2" '$0 == "```" { inside = 0 } inside { print } $0 == head { inside = 1 }' "$1"
}

# wait_until SECONDS COMMAND...: whether the command succeeds within that time.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# free_port: a port of this machine that nobody listens on.
free_port() {
  local port
  while port=$((20000 + RANDOM % 30000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# start_slurm FOLDER: munge, slurmctld and slurmd, whose files are all in FOLDER. Returns 1, with what
# they said in FOLDER/*.log, when they do not come up. stop_slurm ends them.
start_slurm() {
  local folder=$1 host
  host=$(hostname -s)
  mkdir -p "$folder"/{state,spool,munge}
  chmod 755 "$folder" "$folder/munge"
  dd if=/dev/urandom of="$folder/munge/key" bs=128 count=1 status=none
  chmod 600 "$folder/munge/key"
  cat >"$folder/slurm.conf" <<END
ClusterName=inoculate
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=local Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
  echo 'CgroupPlugin=cgroup/v1' >"$folder/cgroup.conf"
  export SLURM_CONF=$folder/slurm.conf
  daemons=()
  munged --foreground --force --socket "$folder/munge/socket" --key-file "$folder/munge/key" \
    --pid-file "$folder/munge/pid" --seed-file "$folder/munge/seed" --log-file "$folder/munge.log" \
    >"$folder/munged.log" 2>&1 &
  daemons+=($!)
  wait_until 20 test -S "$folder/munge/socket" || return 1
  slurmctld -D -i -f "$SLURM_CONF" >"$folder/slurmctld.out.log" 2>&1 &
  daemons+=($!)
  slurmd -D -f "$SLURM_CONF" -N "$host" >"$folder/slurmd.out.log" 2>&1 &
  daemons+=($!)
  wait_until 60 node_is_idle
}

node_is_idle() { [[ $(sinfo --noheader --format %t 2>/dev/null) == idle ]]; }

stop_slurm() {
  local i
  [[ -z ${SLURM_CONF:-} ]] || scancel --quiet --user "$(id -un)" 2>/dev/null || true
  for ((i = ${#daemons[@]} - 1; i >= 0; --i)); do
    kill "${daemons[i]}" 2>/dev/null || true
    wait "${daemons[i]}" 2>/dev/null || true
  done
  daemons=()
}

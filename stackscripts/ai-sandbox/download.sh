# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

# Options for curl that hold the token, as a file: what stands on a command line can be seen by everyone.
hub_options() {
  printf 'silent\nshow-error\nlocation\nfail\nconnect-timeout = 20\nspeed-limit = 1024\nspeed-time = %s\n' "$STALL_TIMEOUT"
  [[ -z $HF_TOKEN_PASSWORD ]] || printf 'header = "Authorization: Bearer %s"\n' "$HF_TOKEN_PASSWORD"
}

# Sets HTTP_CODE and returns curl's status. $1 the file, $2 the address, then more options.
from_hub() {
  local status=0
  HTTP_CODE=$(curl --config <(hub_options) --output "$1" --write-out '%{http_code}' "${@:3}" "$2") || status=$?
  return "$status"
}

# Ends with what the hub means by an answer; returns when trying again may help. $1 curl's status, $2 what was asked for.
judge_hub() {
  local page=https://huggingface.co/$MODEL_ID
  case $HTTP_CODE in
    401) fail MODEL_UNAUTHORIZED "The hub asks for a token (401): $2 is private or gated, or there is no such model." "Check model_id; give hf_token_password, a token of an account that may read $page." ;;
    403) fail MODEL_FORBIDDEN "The token may not read the model (403): $2" "Accept the model's terms at $page with the account of the token, then run the script again." ;;
    404) fail MODEL_NOT_FOUND "The hub has no such model or file (404): $2" "Check model_id; it is $MODEL_ID." ;;
  esac
  case $1 in
    23) fail_disk_full "$2" ;;
  esac
  say "  curl ended with $1, HTTP $HTTP_CODE"
}

# What was left half would keep the machine itself from writing.
fail_disk_full() {
  local free
  [[ -z ${PART:-} ]] || rm -f -- "$PART"
  free=$(df --block-size=1M --output=avail "$MODELS_DIR" | tail -n 1)
  fail DISK_FULL "The disk of $MODELS_DIR is full (${free// /} MiB free): $1" 'Free some space, or use a machine with a larger disk, then run the script again.'
}

# Whether the file $1 has $2 bytes.
has_size() {
  [[ $(stat -c %s "$1" 2>/dev/null) == "$2" ]]
}

# When the hub does not answer at all. $1 curl's status, $2 what was asked for.
fail_download() {
  local remedy='Run the script again: it continues with what is here already.'
  if [[ $1 == 28 || $HTTP_CODE == 408 || $HTTP_CODE == 504 ]]; then
    fail DOWNLOAD_TIMEOUT "The hub did not answer in time, 5 times in a row: $2" "$remedy"
  fi
  fail DOWNLOAD_FAILED "The download failed 5 times in a row (curl $1, HTTP $HTTP_CODE): $2" "$remedy"
}

# The files to fetch, as lines of size, SHA-256 (or -) and name, with the commit first. Names are the hub's word: those that
# would leave the folder are refused. Weights are taken once: the hub has the same ones in several forms.
select_files() {
  python3 -c '
import json, re, sys
data = json.load(open(sys.argv[1]))
names = [f["rfilename"] for f in data["siblings"]]
safe = re.compile(r"^(?!.*\.\.)[A-Za-z0-9.][A-Za-z0-9._/+-]*$")
if not re.fullmatch(r"[0-9a-f]{40}", data["sha"]) or not all(safe.match(n) for n in names):
    sys.exit("the listing has an unsafe name")
tensors = any(n.endswith(".safetensors") and not n.startswith("consolidated") for n in names)
print(data["sha"])
for f in data["siblings"]:
    n = f["rfilename"]
    if re.match(r"(original|onnx|openvino)/", n) or n.startswith(".") or n.endswith((".gguf", ".onnx", ".msgpack", ".h5", ".pth", ".ot")):
        continue
    if tensors and (n.endswith((".bin", ".pt")) or re.match(r"consolidated.*\.safetensors$", n) or n == "params.json"):
        continue
    print(int(f["size"]), (f.get("lfs") or {}).get("sha256") or "-", n)
' "$1"
}

# Continues a file where an earlier attempt or run left it. $1 where, $2 address, $3 size, $4 SHA-256 or -, $5 name.
fetch_file() {
  local part=$1 size=$3 tries=0 status before here=0
  PART=$part
  while ((tries < 5)); do
    [[ ! -f $part ]] || here=$(stat -c %s "$part")
    if ((here > size)); then rm -f -- "$part" && here=0; fi
    if ((here == size && size > 0)); then break; fi
    before=$here status=0
    from_hub "$part" "$2" --continue-at "$before" || status=$?
    here=$(stat -c %s "$part" 2>/dev/null) || here=0
    ((status != 0)) || break
    judge_hub "$status" "$5"
    # A server that can't continue sends all of it, and what is here is of no use to it.
    if [[ $status == 33 || $HTTP_CODE == 416 ]]; then rm -f -- "$part" && here=0; fi
    tries=$((here > before ? 0 : tries + 1))
    ((tries >= 5)) || sleep "$RETRY_PAUSE"
  done
  ((tries < 5)) || fail_download "$status" "$5 ($here of $size bytes are here)"
  # Of nothing curl makes no file.
  [[ -f $part ]] || : >"$part"
  [[ $(stat -c %s "$part") == "$size" ]] && { [[ $4 == - ]] || sha256sum --check --status <<<"$4  $part"; }
}

# vLLM needs about a fifth more than the weights, and is given nine tenths of the GPU. $1 bytes.
check_model_fits() {
  local need=$((($1 * 12 / 9 + 1048575) / 1048576))
  ((need <= GPU_TOTAL_MIB)) || fail GPU_TOO_SMALL "The weights of $MODEL_ID need about $need MiB of GPU memory; there are $GPU_TOTAL_MIB MiB." \
    'Choose a smaller model (model_id), or create a machine of a type with more GPU memory.'
}

list_model() {
  local listing=$1 tries status
  for tries in 1 2 3 4 5; do
    status=0
    from_hub "$listing" "$HUB_URL/api/models/$MODEL_ID/revision/main?blobs=true" || status=$?
    if ((status == 0)); then return 0; fi
    judge_hub "$status" "$MODEL_ID"
    ((tries == 5)) || sleep "$RETRY_PAUSE"
  done
  fail_download "$status" "the list of files of $MODEL_ID"
}

# Into the hub's own cache layout: vLLM finds the model there by its name, without a network.
phase_download() {
  local cache=$MODELS_DIR/hub/models--${MODEL_ID//\//--} listing=$STATE_DIR/listing.json selection=$STATE_DIR/listing.txt
  local commit size sha name total=0 got=0 free tries
  now "asking the hub for $MODEL_ID"
  list_model "$listing"
  select_files "$listing" >"$selection" || fail DOWNLOAD_FAILED 'The list of files from the hub is not what it should be.' "See the last lines of $LOG_FILE."
  {
    read -r commit
    while read -r size sha name; do
      total=$((total + size))
      ! has_size "$cache/snapshots/$commit/$name" "$size" || got=$((got + size))
      [[ ! -f $cache/partial/$commit/$name ]] || got=$((got + $(stat -c %s "$cache/partial/$commit/$name")))
    done
  } <"$selection"
  check_model_fits "$total"
  mkdir -p "$cache/snapshots/$commit" "$cache/refs"
  free=$(df --block-size=1 --output=avail "$MODELS_DIR" | tail -n 1)
  ((free >= total - got)) || fail DISK_FULL "$MODEL_ID needs $(((total - got) / 1048576)) MiB more in $MODELS_DIR, and $((free / 1048576)) MiB are free." \
    'Free some space, or use a machine with a larger disk, then run the script again.'
  prefetch_images
  got=0
  while read -r size sha name <&4; do
    if ! has_size "$cache/snapshots/$commit/$name" "$size"; then
      now "downloading $MODEL_ID: $((got / 1048576)) of $((total / 1048576)) MiB, $name"
      mkdir -p "$(dirname "$cache/partial/$commit/$name")" "$(dirname "$cache/snapshots/$commit/$name")"
      for tries in 1 2; do
        if fetch_file "$cache/partial/$commit/$name" "$HUB_URL/$MODEL_ID/resolve/$commit/$name" "$size" "$sha" "$name"; then break; fi
        rm -f -- "$cache/partial/$commit/$name"
        ((tries == 1)) || fail DOWNLOAD_CORRUPT "The size or the checksum of $name is not what the hub says, twice in a row." 'Run the script again later.'
        say "  $name is not what the hub says; again from its start"
      done
      # A machine that loses its power after the move would find an empty file under the final name.
      sync -- "$cache/partial/$commit/$name"
      mv -- "$cache/partial/$commit/$name" "$cache/snapshots/$commit/$name"
    fi
    got=$((got + size))
  done 4< <(tail -n +2 "$selection")
  printf '%s' "$commit" | write_file 644 "$cache/refs/main"
  rm -rf -- "$cache/partial"
  say "  $((got / 1048576)) MiB in $cache"
}

holds_download() {
  local cache=$MODELS_DIR/hub/models--${MODEL_ID//\//--}
  [[ -s $cache/refs/main && -d $cache/snapshots/$(<"$cache/refs/main") ]]
}

#!/bin/sh
# A client for benches: a composer, and a hook for each prompt. A thousand of them fit in a few MB each.
# mini-client.sh NAME SESSION_ID SPOOL
[ "$1" = --version ] && { echo "2.1.328 (mini client)"; exit; }
[ "$1" = auth ] && { echo '{"loggedIn":true,"email":"bench@example.com"}'; exit; }
name=$1 id=$2 spool=$3 count=0
hook() {
  printf '{"session_id":"%s","cwd":"%s","hook_event_name":"%s"%s}' "$id" "$PWD" "$1" "$2" >"$spool/$name.$1.$$"
}
draw() {
  printf '\033[2J\033[H────────\n❯ \n────────\033[2;3H'
}
draw
while IFS= read -r line; do
  count=$((count + 1))
  hook UserPromptSubmit ",\"prompt\":\"$line\",\"prompt_id\":\"$name-$count\""
  hook Stop ''
  draw
done

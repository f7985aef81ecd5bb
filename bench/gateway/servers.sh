# shellcheck shell=bash
# Sourced by run: the servers; each leaves its pid in "pid", its address in "url", and the request headers in a file.

start_upstream() {
  start "$LOAD_CORE" "$work/upstream.log" "$java" -XX:+UseSerialGC -Xms128m -Xmx512m -cp "$work/classes" Upstream "$upstream_port"
  upstream_pid=$pid
  local i
  for ((i = 0; i < 100; i++)); do
    listens "$upstream_port" && return
    sleep 0.1
  done
  die "the upstream did not start, see $work/upstream.log"
}

start_direct() {
  pid=$upstream_pid url=$upstream
  printf 'Authorization: Bearer %s\n' "$provider_key" >"$scratch/headers"
}

# As nginx.conf leaves it: a connection to the provider for each request.
start_nginx-stock() {
  start_nginx stock
}

# Whether Mimir gets a second key and token, with limits.
governed=no
# To the provider, by nginx.
kept_connections=64

start_nginx() {
  local nginx kept='proxy_http_version 1.1; proxy_set_header Connection "";' pool="keepalive $kept_connections; keepalive_requests 1000000000;"
  [[ ${1:-} == stock ]] && kept='' pool=''
  nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || { why="nginx is not installed (Debian: apt-get install nginx)"; return 1; }
  mkdir -p "$scratch/nginx"
  cat >"$scratch/nginx.conf" <<NGINX
worker_processes 1;
daemon off;
pid $scratch/nginx/pid;
error_log $work/nginx.log warn;
events { worker_connections 4096; }
http {
  access_log off;
  # Its worker may not write into our folder.
  client_body_buffer_size 1m;
  client_body_temp_path $scratch/nginx/body;
  proxy_temp_path $scratch/nginx/proxy;
  fastcgi_temp_path $scratch/nginx/fastcgi;
  uwsgi_temp_path $scratch/nginx/uwsgi;
  scgi_temp_path $scratch/nginx/scgi;
  keepalive_requests 1000000000;
  upstream provider {
    server 127.0.0.1:$upstream_port;
    $pool
  }
  server {
    listen 127.0.0.1:$server_port;
    location /v1/ {
      proxy_pass http://provider;
      $kept
      proxy_set_header Authorization "Bearer $provider_key";
    }
  }
}
NGINX
  start "$SERVER_CORE" "$work/nginx.out" "$nginx" -e "$work/nginx.log" -p "$scratch/nginx" -c "$scratch/nginx.conf"
  url=$server
  printf 'Authorization: Bearer client\n' >"$scratch/headers"
}

start_spring() {
  local jar=$here/spring-cloud-gateway/target/gateway.jar
  if [[ ! -f $jar || -n $(find "$here/spring-cloud-gateway/pom.xml" "$here/spring-cloud-gateway/src" -newer "$jar" -print -quit) ]]; then
    note "building Spring Cloud Gateway"
    mvn -B -ntp -q -f "$here/spring-cloud-gateway/pom.xml" package >"$work/spring-build.log" 2>&1 ||
      { why="it could not be built, see $work/spring-build.log"; return 1; }
    touch "$jar"
  fi
  start "$SERVER_CORE" "$work/spring.log" env UPSTREAM="$upstream" UPSTREAM_KEY="$provider_key" SERVER_PORT="$server_port" \
    "$java" -jar "$jar"
  url=$server
  printf 'Authorization: Bearer client\n' >"$scratch/headers"
}

start_portkey() {
  local folder=$work/portkey program
  program=$folder/node_modules/@portkey-ai/gateway/build/start-server.js
  command -v node >/dev/null || { why="node is not installed"; return 1; }
  if ! grep -qs "\"version\": \"$PORTKEY\"" "$folder/node_modules/@portkey-ai/gateway/package.json"; then
    note "installing Portkey's gateway"
    mkdir -p "$folder"
    printf '{"private":true}\n' >"$folder/package.json"
    npm install --prefix "$folder" --omit-lockfile-registry-resolved --no-audit --no-fund "@portkey-ai/gateway@$PORTKEY" \
      >"$work/portkey-install.log" 2>&1 || { why="it could not be installed, see $work/portkey-install.log"; return 1; }
  fi
  # It has no setting for the address and would listen on all of them.
  cat >"$scratch/loopback.cjs" <<'NODE'
const net = require('node:net');
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' && typeof rest[0] !== 'string'
    ? listen.call(this, port, '127.0.0.1', ...rest.filter((argument) => argument !== undefined))
    : listen.call(this, port, ...rest);
};
NODE
  start "$SERVER_CORE" "$work/portkey.log" env NODE_ENV=production node --require "$scratch/loopback.cjs" "$program" \
    "--port=$server_port" --headless
  url=$server
  {
    printf 'Authorization: Bearer %s\n' "$provider_key"
    printf 'x-portkey-provider: openai\nx-portkey-custom-host: %s/v1\n' "$upstream"
  } >"$scratch/headers"
}

# ask_mimir PATH JSON: as its administrator.
ask_mimir() {
  curl -sS -m 30 -u "bench:$password" "$server$1" -H 'Content-Type: application/json' -d "$2" 2>>"$work/setup.log"
}

start_mimir() {
  launch_mimir "$MIMIR" mimir
}

start_mimir-old() {
  launch_mimir "$old/mimir" mimir-old
}

# models NAME: all that is asked for under that name, as JSON; Upstream.java says what the endings mean.
models() {
  local name=$1 ending text=''
  for ending in '' -stream-3-2 "-stream-$PIECES-$PAUSE_MS" "-stream-$PACED_PIECES-$PACE_MS" "-wait-$WAIT_MS" "-size-$LARGE"; do
    text+=", \"$name$ending\""
  done
  printf '[%s]' "${text:2}"
}

# add_key NAME MODEL LIMITS: a key for the models that are called so.
add_key() {
  local answer
  answer=$(ask_mimir /api/v1/settings/api-keys "{\"provider\": \"openai\", \"name\": \"$1\", \"key_value\": \"$provider_key\",
    \"metadata\": {\"default_model\": \"$2\", \"available_models\": $(models "$2")$3}}")
  [[ $answer == *'"id":"key_'* ]] || { why="it did not take the key: ${answer:0:300}"; return 1; }
}

# add_token FILE NAME LIMITS: a token for the gateway, as a request header in a file.
add_token() {
  local answer token
  answer=$(ask_mimir /api/v1/settings/tokens "{\"name\": \"$2\", \"scopes\": [\"gateway\"]$3}")
  token=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' <<<"$answer")
  [[ -n $token ]] || { why="it gave no token: ${answer:0:300}"; return 1; }
  printf 'Authorization: Bearer %s\n' "$token" >"$1"
}

# launch_mimir LAUNCHER NAME
launch_mimir() {
  local launcher=$1 log=$work/$2.log name i code
  [[ -f $(dirname "$launcher")/web/target/mimir.war || -f $(dirname "$launcher")/server/mimir.war ]] ||
    { why="it is not built: $launcher build"; return 1; }
  # Settings of the shell that this was called from are not those of the Mimir that is measured.
  for name in $(compgen -e MIMIR_); do
    local "$name"
    unset "$name"
  done
  rm -rf "$scratch/data"
  # Only for this run, and random: nobody else on the machine can use what is opened here.
  password=$(head -c 24 /dev/urandom | base64)
  local -x MIMIR_PROFILE=prod MIMIR_HOST=127.0.0.1 MIMIR_PORT=$server_port MIMIR_DATA_DIR=$scratch/data
  local -x MIMIR_ADMIN_USER=bench MIMIR_ADMIN_PASSWORD=$password MIMIR_ENCRYPTION_KEY
  MIMIR_ENCRYPTION_KEY=$(head -c 32 /dev/urandom | base64)
  local -x MIMIR_OPENAI_ENDPOINT=$upstream/v1 MIMIR_ENDPOINT_ALLOWLIST=127.0.0.1:$upstream_port
  start "$SERVER_CORE" "$log" "$launcher" run --no-build
  url=$server
  for ((i = 0; i < 600; i++)); do
    code=$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$server/health/ready")
    [[ $code == 200 ]] && break
    kill -0 "$pid" 2>/dev/null || { why="it ended while it started, see $log"; return 1; }
    sleep 0.5
  done
  add_key bench gpt-4o-mini '' && add_token "$scratch/headers" bench '' || return 1
  [[ $governed == yes ]] || return 0
  # All that can be limited is, so high that nothing is refused.
  add_key governed gpt-4o-mini-governed ', "rate_limit": 1000000, "tokens_per_minute": 1000000000, "max_concurrent": 100000, "monthly_tokens": 1000000000000' &&
    add_token "$scratch/headers-governed" governed ', "requests_per_minute": 1000000'
}

# bring_up NAME: starts a server and waits for its first good answer. What went wrong is in "why".
bring_up() {
  local i
  why='' pid=''
  note "starting $1"
  "start_$1" || return 1
  for ((i = 0; i < 240; i++)); do
    kill -0 "$pid" 2>/dev/null || { why="it ended while it started, see $work/$1.log"; return 1; }
    : >"$scratch/first"
    curl -s -m 5 -o "$scratch/first" -w '%{http_code}' -H @"$scratch/headers" -H 'Content-Type: application/json' \
      --data-binary @"$scratch/whole.json" "$url/v1/chat/completions" >"$scratch/code"
    grep -qs 'Sunlight meets air' "$scratch/first" && return 0
    # A server that listens and says no does not change its mind; one that is still starting may.
    [[ $(<"$scratch/code") =~ ^(000|502|503)$ ]] || ((i < 20)) || break
    sleep 0.5
  done
  why="POST /v1/chat/completions answers $(<"$scratch/code"): $(head -c 200 "$scratch/first" 2>/dev/null | tr '\n|' '  ')"
  return 1
}

# take_down NAME: ends what bring_up started.
take_down() {
  [[ $1 == direct || -z ${pid:-} ]] || stop "$pid"
  pid=
}

# Sourced, after scenario.sh and tls.sh, by benches: nginx on this host takes every event.
# Sets $plain_port and, for TLS and HTTP/2 under localhost with $work/ours.pem, $tls_port.
#
#   /far/   answers 50 ms after it has the request, as over the internet (the echo module)
#   /had    what it has had (stub_status)
#   else    answers at once
#
# shellcheck shell=sh
make_authority ours
make_certificate good ours DNS:localhost,IP:127.0.0.1
plain_port=$(free_port)
tls_port=$((plain_port + 1))
echo_module=$(sh "$here/../support/unpacked.sh" libnginx-mod-http-echo)
taken='{"response_code":"200","response":"Data Uploaded","status":"success"}'
cat >"$work/nginx.conf" <<CONFIG
load_module $echo_module/usr/lib/nginx/modules/ngx_http_echo_module.so;
worker_processes 1;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  http2_max_concurrent_streams 1000;
  default_type application/json;
  server {
    listen 127.0.0.1:$plain_port;
    listen 127.0.0.1:$tls_port ssl http2;
    ssl_certificate $work/good.pem;
    ssl_certificate_key $work/good.key;
    location /far/ {
      echo_read_request_body;
      echo_sleep 0.05;
      echo '$taken';
    }
    location /had { stub_status; }
    location / { return 200 '$taken'; }
  }
}
CONFIG
start nginx sh "$here/../support/nginx.sh" "$work" "$work/nginx.conf"
wait_until 60 is_listening "$plain_port"

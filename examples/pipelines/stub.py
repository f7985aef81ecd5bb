#!/usr/bin/env python3
"""A provider and a source of JSON for the examples: stub.py PORT, on 127.0.0.1 only.

It answers OpenAI's chat completions, whole and streamed, with what can be told from the question
alone, so that the same run always gives the same result; and GET /news.json.
"""
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "example-model"

NEWS = {
    "generated_by": "examples/pipelines/stub.py",
    "items": [
        {"id": 17, "title": "The library opens on Monday", "text": "It has 40,000 books.", "editor": "n. n."},
        {"id": 18, "title": "The bridge is closed", "text": "Until spring, for repairs.", "editor": "n. n."},
        {"id": 19, "title": "Trams run at night", "text": "Every 30 minutes.", "editor": "n. n."},
    ],
}


def reply(question):
    """What a model might say to this, without one."""
    data = re.search(r"\[\{.*\}\]", question, re.DOTALL)
    if data:
        items = json.loads(data.group())
        members = ", ".join(sorted(items[0]))
        return f"{len(items)} reports with {members}: " + "; ".join(one["title"] for one in items) + "."
    thing = question.rpartition(": ")[2]
    if "what this is" in question:
        return f"This is {thing}, as far as a stub can tell."
    if "letter about" in question:
        return "Dear reader, this is a short letter about " + question.rpartition("about ")[2] + "."
    return f"A stub has no opinion on {thing}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """The command shows what matters."""

    def send(self, status, content_type, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, value, status=200):
        self.send(status, "application/json", json.dumps(value))

    def do_GET(self):
        if self.path == "/news.json":
            self.send_json(NEWS)
        elif self.path == "/v1/models":
            self.send_json({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
        else:
            self.send_json({"error": {"message": "There is nothing here"}}, 404)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path != "/v1/chat/completions":
            self.send_json({"error": {"message": "There is nothing here"}}, 404)
            return
        question = body["messages"][-1]["content"]
        if not isinstance(question, str):
            question = "".join(part.get("text", "") for part in question)
        text = reply(question)
        usage = {"prompt_tokens": len(question) // 4, "completion_tokens": len(text) // 4}
        usage["total_tokens"] = sum(usage.values())
        about = {"id": "chatcmpl-stub", "created": 0, "model": MODEL}
        if not body.get("stream"):
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            self.send_json({**about, "object": "chat.completion", "choices": [choice], "usage": usage})
            return
        pieces = [({"role": "assistant", "content": text}, None), ({}, "stop")]
        chunks = [
            {**about, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": end}]}
            for delta, end in pieces
        ]
        chunks.append({**about, "object": "chat.completion.chunk", "choices": [], "usage": usage})
        events = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
        self.send(200, "text/event-stream", events + "data: [DONE]\n\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit("Usage: stub.py PORT")
    try:
        server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
    except OSError as error:
        sys.exit(f"The stub cannot listen on port {sys.argv[1]}: {error.strerror}")
    print("The stub listens", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


main()

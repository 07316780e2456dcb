"""A receiver's check as Agnox's documents show it: the bare hex, compared in constant time.

python3 verify.py SECRET SIGNATURE < body
"""
import hashlib
import hmac
import sys

secret, signature = sys.argv[1:3]
expected = hmac.new(secret.encode(), sys.stdin.buffer.read(), hashlib.sha256).hexdigest()
holds = hmac.compare_digest(expected, signature)
print("ok" if holds else "refused")
sys.exit(0 if holds else 1)

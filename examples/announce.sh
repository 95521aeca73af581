#!/bin/sh
# Announces one address while it runs.
echo "announce route 203.0.113.7/32 next-hop self med 10"
while read -r line; do :; done        # stay, and read what we are told
echo "withdraw route 203.0.113.7/32 next-hop self"

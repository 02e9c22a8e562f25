# Makes the certificates of the tests in a folder: `sh certificates.sh FOLDER`. Names that begin with c- are chains.
set -e
mkdir -p "$1"; cd "$1"; : > index.txt; echo 1000 > serial
cat > ca.cnf <<'C'
[ca]
default_ca=d
[d]
dir=.
database=index.txt
serial=serial
new_certs_dir=.
default_md=sha256
policy=p
unique_subject=no
copy_extensions=none
[p]
commonName=supplied
[req]
distinguished_name=dn
[dn]
C
KEY="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
PAST="-startdate 20200101000000Z -enddate 20210101000000Z"
NEXT="-startdate 20700101000000Z -enddate 20710101000000Z"
NOW="-startdate 20250101000000Z -enddate 20400101000000Z"
root() { # name cn ext dates
  openssl req -new $KEY -config ca.cnf -keyout $1.key -out $1.csr -subj "/CN=$2" 2>/dev/null
  printf "$3" > $1.ext
  openssl ca -batch -notext -selfsign -config ca.cnf -keyfile $1.key -in $1.csr -out $1.pem -extfile $1.ext $4 2>/dev/null
}
leaf() { # name ca cn ext dates
  openssl req -new ${6:-$KEY} -config ca.cnf -keyout $1.key -out $1.csr -subj "/CN=$3" 2>/dev/null
  printf "$4" > $1.ext
  openssl ca -batch -notext -config ca.cnf -cert $2.pem -keyfile $2.key -in $1.csr -out $1.pem -extfile $1.ext $5 2>/dev/null
}
CA='basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n'
OK='subjectAltName=DNS:good.example,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\nauthorityKeyIdentifier=keyid\n'
OTHER='subjectAltName=DNS:other.example\nextendedKeyUsage=serverAuth\n'
EKU='subjectAltName=DNS:good.example,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=clientAuth\n'
EKUO='subjectAltName=DNS:other.example\nextendedKeyUsage=clientAuth\n'
root ca ca "$CA" "$NOW"
root other-ca other-ca "$CA" "$NOW"
root twin-ca ca "$CA" "$NOW"
root old-ca old-ca "$CA" "$PAST"
leaf good ca good "$OK" "$NOW"
leaf expired ca expired "$OK" "$PAST"
leaf future ca future "$OK" "$NEXT"
leaf eku ca eku "$EKU" "$NOW"
leaf name ca name "$OTHER" "$NOW"
leaf cn ca localhost 'extendedKeyUsage=serverAuth\n' "$NOW"
leaf uri ca localhost 'subjectAltName=URI:http://x/,email:a@b,DNS:q.example\nextendedKeyUsage=serverAuth\n' "$NOW"
leaf stranger other-ca stranger "$OK" "$NOW"
leaf expired-name ca x "$OTHER" "$PAST"
leaf expired-stranger other-ca x "$OK" "$PAST"
leaf expired-eku ca x "$EKU" "$PAST"
leaf future-stranger other-ca x "$OK" "$NEXT"
leaf stranger-name other-ca x "$OTHER" "$NOW"
leaf stranger-eku other-ca x "$EKU" "$NOW"
leaf eku-name ca x "$EKUO" "$NOW"
leaf under-old old-ca x "$OK" "$NOW"
root selfca localhost "$CA$OK" "$NOW"
root self localhost "basicConstraints=CA:FALSE\n$OK" "$NOW"
root self-plain localhost "subjectAltName=DNS:localhost,IP:127.0.0.1\n" "$NOW"
root self-expired localhost "$CA$OK" "$PAST"
root self-name localhost "$CA$OTHER" "$NOW"
root self-eku localhost "$CA$EKU" "$NOW"
leaf int ca int "$CA" "$NOW"
leaf int-old ca int-old "$CA" "$PAST"
leaf int-noca ca int-noca "basicConstraints=CA:FALSE\n" "$NOW"
leaf int-path ca int-path "basicConstraints=critical,CA:TRUE,pathlen:0\n" "$NOW"
leaf int-names ca int-names "$CA"'nameConstraints=critical,permitted;DNS:foo.example\n' "$NOW"
leaf int-eku ca int-eku "$CA"'extendedKeyUsage=clientAuth\n' "$NOW"
leaf int-two int-path int-two "$CA" "$NOW"
for i in int int-old int-noca int-path int-names int-eku int-two; do leaf by-$i $i x "$OK" "$NOW"; done
leaf by-other-int other-ca oi "$CA" "$NOW"
leaf by-oi by-other-int x "$OK" "$NOW"
leaf leafca ca x "$CA$OK" "$NOW"
leaf leafca-stranger other-ca x "$CA$OK" "$NOW"
leaf critical ca x "$OK"'1.2.3.4=critical,ASN1:UTF8String:x\n' "$NOW"
leaf wild ca x 'subjectAltName=DNS:*.good.example\n' "$NOW"
leaf rsa1024 ca x "$OK" "$NOW" "-newkey rsa:1024 -nodes"
leaf rsa ca x "$OK" "$NOW" "-newkey rsa:2048 -nodes"
leaf p384 ca x "$OK" "$NOW" "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes"
leaf p521 ca x "$OK" "$NOW" "-newkey ec -pkeyopt ec_paramgen_curve:P-521 -nodes"
leaf ed ca x "$OK" "$NOW" "-newkey ed25519 -nodes"
openssl req -new $KEY -config ca.cnf -keyout v1.key -out v1.csr -subj /CN=localhost 2>/dev/null
openssl x509 -req -in v1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 900 -out v1.pem 2>/dev/null
openssl x509 -req -in v1.csr -CA other-ca.pem -CAkey other-ca.key -CAcreateserial -days 900 -out v1-stranger.pem 2>/dev/null; cp v1.key v1-stranger.key
# the signature of another certificate's bits
openssl x509 -in good.pem -outform der -out t.der; cp good.key broken.key
node -e 'const f=require("fs");const b=f.readFileSync("t.der");b[b.length-3]^=1;f.writeFileSync("broken.der",b)'
openssl x509 -inform der -in broken.der -out broken.pem
chain() { cp $1.key $2.key; shift; o=$1; shift; cat "$@" > $o.pem; }
chain by-int c-int by-int.pem int.pem
chain by-int c-int-root by-int.pem int.pem ca.pem
chain by-int c-int-wrongorder by-int.pem ca.pem int.pem
for i in old noca path names eku; do chain by-int-$i c-int-$i by-int-$i.pem int-$i.pem; done
chain by-int-two c-int-two by-int-two.pem int-two.pem int-path.pem
chain by-oi c-oi by-oi.pem by-other-int.pem
chain by-oi c-oi-root by-oi.pem by-other-int.pem other-ca.pem
chain stranger c-stranger-root stranger.pem other-ca.pem
chain good c-good-root good.pem ca.pem

#!/usr/bin/env bash
# Makes a bucket for jobrun and says who may do what in it: CI writes below CI/, people
# write below dev/, and neither writes what is the other's. What is there already stays,
# so it can be run again.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
    cat <<'END'
usage: ./setup.sh --project ID --bucket NAME --repository-id NUMBER --people MEMBER
                  [--dev-bucket NAME] [--prefix PATH] [--location PLACE] [--dry-run]

  --repository-id  of GitHub, a number that no renamed repository takes over:
                   gh api repos/OWNER/NAME --jq .id
  --people         who works on the project, such as group:sdk@example.com
  --dev-bucket     a second bucket, for dev, instead of conditions on names
  --prefix         of the store in the bucket, gs://NAME/PATH; default: sdk
  --location       of the buckets; default: eu
  --dry-run        print the commands and run none
END
}

fail() {
    echo "setup.sh: $1" >&2
    usage >&2
    exit 2
}

project='' bucket='' dev_bucket='' repository_id='' people='' prefix=sdk location=eu dry_run=''
while [[ $# -gt 0 ]]; do
    case $1 in
    --dry-run) dry_run=1 && shift && continue ;;
    --help) usage && exit ;;
    --project | --bucket | --dev-bucket | --repository-id | --people | --prefix | --location) ;;
    *) fail "unknown option '$1'" ;;
    esac
    [[ $# -ge 2 && -n $2 ]] || fail "'$1' needs a value"
    name=${1#--}
    printf -v "${name//-/_}" %s "$2"
    shift 2
done
for name in project bucket repository_id people; do
    [[ -n ${!name} ]] || fail "--${name//_/-} is missing"
done
[[ $repository_id =~ ^[0-9]+$ ]] || fail "--repository-id '$repository_id' is not a number"
[[ $prefix =~ ^[A-Za-z0-9._/-]+$ && $prefix != /* && $prefix != */ ]] ||
    fail "--prefix '$prefix' is not a path such as team/sdk"

# A command as it could be typed.
run() {
    printf '%q ' "$@" | sed 's/ $//'
    echo
    [[ -n $dry_run ]] || "$@"
}

# unless_there DESCRIBE... -- CREATE...
unless_there() {
    local describe=()
    while [[ $1 != -- ]]; do
        describe+=("$1")
        shift
    done
    shift
    if [[ -z $dry_run ]] && "${describe[@]}" >/dev/null 2>&1; then
        return
    fi
    run "$@"
}

# Artifacts can be made again, so nothing of a deleted one is kept, and an object has
# no old versions: a receipt is the one object that is ever replaced.
make_bucket() {
    unless_there gcloud storage buckets describe "gs://$1" -- \
        gcloud storage buckets create "gs://$1" --project="$project" --location="$location" \
        --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0
    run gcloud storage buckets update "gs://$1" --no-versioning --lifecycle-file=lifecycle.json
}

# grant BUCKET MEMBER ROLE [TITLE FOLDER]: for all of the bucket, or below one folder.
grant() {
    local condition=None
    if [[ $# -gt 3 ]]; then
        condition="title=$4,expression=resource.name.startsWith(\"projects/_/buckets/$1/objects/$5/\")"
    fi
    run gcloud storage buckets add-iam-policy-binding "gs://$1" --member="$2" --role="$3" \
        --condition="$condition"
}

project_number=PROJECT_NUMBER
[[ -n $dry_run ]] ||
    project_number=$(gcloud projects describe "$project" --format='value(projectNumber)')
pool=projects/$project_number/locations/global/workloadIdentityPools/github
ci=principalSet://iam.googleapis.com/$pool/attribute.repository_id/$repository_id

run gcloud services enable storage.googleapis.com iam.googleapis.com sts.googleapis.com \
    --project="$project"

# GitHub's tokens are for everybody who uses GitHub: the condition is what makes them ours.
unless_there gcloud iam workload-identity-pools describe github --project="$project" \
    --location=global -- \
    gcloud iam workload-identity-pools create github --project="$project" --location=global \
    --display-name='GitHub Actions'
unless_there gcloud iam workload-identity-pools providers describe jobrun \
    --project="$project" --location=global --workload-identity-pool=github -- \
    gcloud iam workload-identity-pools providers create-oidc jobrun --project="$project" \
    --location=global --workload-identity-pool=github \
    --issuer-uri=https://token.actions.githubusercontent.com \
    --attribute-mapping=google.subject=assertion.sub,attribute.repository_id=assertion.repository_id \
    --attribute-condition="assertion.repository_id == '$repository_id'"

make_bucket "$bucket"
if [[ -n $dev_bucket ]]; then
    make_bucket "$dev_bucket"
    grant "$bucket" "$ci" roles/storage.objectUser
    grant "$bucket" "$people" roles/storage.objectViewer
    grant "$dev_bucket" "$people" roles/storage.objectUser
else
    # A list is asked of the bucket, and no condition on an object's name is true of
    # that: a role that may list, and no more, is granted for all of it.
    unless_there gcloud iam roles describe jobrunLister --project="$project" -- \
        gcloud iam roles create jobrunLister --project="$project" --stage=GA \
        --title='List objects' --permissions=storage.objects.list
    grant "$bucket" "$ci" "projects/$project/roles/jobrunLister"
    grant "$bucket" "$ci" roles/storage.objectUser ci-writes-CI "$prefix/CI"
    grant "$bucket" "$people" roles/storage.objectViewer
    grant "$bucket" "$people" roles/storage.objectUser people-write-dev "$prefix/dev"
fi

echo "# for .github/workflows/ci.yml:"
echo "# workload_identity_provider: $pool/providers/jobrun"

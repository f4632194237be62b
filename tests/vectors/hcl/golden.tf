# A comment\u{a}that stays \u{202e} one line
#

resource "aws_iam_role" "orders-support" {
  name                 = "jit-orders-support"
  max_session_duration = 7200
  tags                 = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "dynamodb:GetItem",
          "dynamodb:Query",
        ]
        Resource = ["arn:aws:one"]
        Condition = {
          "ForAllValues:StringLike" = {
            "dynamodb:LeadingKeys" = [
              "$${aws:PrincipalTag/tenant}",
              "%%{x}",
            ]
            "caf\u00e9s" = "\u202e"
            "plain"      = 2
          }
          Bool = {
            "${local.issuer}:aud" = true
            "a"                   = null
          }
        }
      },
      {
        Principal = {
          Federated = aws_iam_openid_connect_provider.broker.arn
        }
        Empty = {}
        None  = []
        Many = [
          ["a"],
          [
            {
              "b" = 1
            },
          ],
        ]
        One = [
          {
            "x" = 1.5
          },
        ]
      },
    ]
  })

  lifecycle {
    ignore_changes = [
      tags,
      "b",
    ]
  }
}
